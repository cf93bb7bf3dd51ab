"""Changing workspaces, users, roles, invitations and ways in, a file each. What is used all over the house:"""

from backend.modules.identity.actions.passwords import (
    CHANGE_USER,
    WeakPassword,
    WrongPassword,
    change_password,
    check_strength,
    set_password,
)
from backend.modules.identity.actions.rights import ASSIGN_ROLE, set_roles
from backend.modules.identity.actions.users import (
    ADD_USER,
    RegistrationClosed,
    UserEmailTaken,
    UsernameTaken,
    create_superuser,
    create_user,
    register,
    set_active,
)
from backend.modules.identity.actions.workspaces import (
    ADD_WORKSPACE,
    create_workspace,
    furnish_with,
    refurnish_workspace,
)

__all__ = [
    "ADD_USER",
    "ADD_WORKSPACE",
    "ASSIGN_ROLE",
    "CHANGE_USER",
    "RegistrationClosed",
    "UserEmailTaken",
    "UsernameTaken",
    "WeakPassword",
    "WrongPassword",
    "change_password",
    "check_strength",
    "create_superuser",
    "create_user",
    "create_workspace",
    "furnish_with",
    "refurnish_workspace",
    "register",
    "set_active",
    "set_password",
    "set_roles",
]
