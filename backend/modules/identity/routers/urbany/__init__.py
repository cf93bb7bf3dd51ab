from backend.modules.identity.routers.urbany.auth import auth
from backend.modules.identity.routers.urbany.permissions import permissions
from backend.modules.identity.routers.urbany.roles import roles
from backend.modules.identity.routers.urbany.users import users

__all__ = ["auth", "permissions", "roles", "users"]
