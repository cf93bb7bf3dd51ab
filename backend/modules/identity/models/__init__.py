from backend.modules.identity.models.access import ApiKey, Invitation, InvitationRole, RecoveryRequest, SecondFactor
from backend.modules.identity.models.people import Language, User, Workspace, new_stamp
from backend.modules.identity.models.rights import Membership, MembershipRole, Permission, Role, RolePermission

__all__ = [
    "ApiKey",
    "Invitation",
    "InvitationRole",
    "Language",
    "Membership",
    "MembershipRole",
    "Permission",
    "RecoveryRequest",
    "Role",
    "RolePermission",
    "SecondFactor",
    "User",
    "Workspace",
    "new_stamp",
]
