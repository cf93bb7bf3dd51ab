"""In which workspaces a person works: the few questions that look over the wall between them."""

from backend.modules.identity import roles
from backend.modules.identity.models import Membership, User


def home_of(user: User) -> int | None:
    """The oldest workspace in which the user may act."""
    rows = Membership.across_workspaces.filter(user=user, is_active=True).order_by("id")
    return rows.values_list("workspace_id", flat=True).first()


def is_member(user: User, workspace_id: int) -> bool:
    return Membership.across_workspaces.filter(user=user, workspace_id=workspace_id, is_active=True).exists()


def belongs_elsewhere(user: User, workspace_id: int) -> bool:
    """Whether the user is a member, active or not, of a workspace beside this one."""
    return Membership.across_workspaces.filter(user=user).exclude(workspace_id=workspace_id).exists()


def workspaces_of(user_id: int) -> list[int]:
    """Where the user is a member, active or not."""
    rows = Membership.across_workspaces.filter(user_id=user_id).order_by("workspace_id")
    return list(rows.values_list("workspace_id", flat=True))


def workspaces_administered_by(user_id: int) -> list[int]:
    """Where the user is an active administrator, or would be if they were active themselves."""
    rows = Membership.across_workspaces.filter(user_id=user_id, is_active=True, roles__key=roles.ADMIN)
    return list(rows.values_list("workspace_id", flat=True))
