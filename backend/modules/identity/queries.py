"""Reading users and workspaces."""

from zoneinfo import ZoneInfo

from backend.core import folding
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.identity.models import Membership, User, Workspace


def me(actor: Actor) -> User:
    """The caller's own user."""
    return User.objects.get(pk=actor.user_id)


def active_member(actor: Actor, user_id: int) -> User | None:
    """The user, if they are an active member of the actor's workspace."""
    member = Membership.objects.of(actor).filter(user_id=user_id, is_active=True, user__is_active=True)
    found = member.select_related("user").first()
    return found.user if found else None


def member_by_username(actor: Actor, username: str) -> User | None:
    """The same, by user name in any case."""
    member = Membership.objects.of(actor).filter(user__username_key=folding.key(username), is_active=True)
    found = member.select_related("user").first()
    return found.user if found else None


def system_actor(workspace_id: int) -> Actor:
    """The server itself in a workspace, with its time zone. Raises `NotFound`."""
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if workspace is None:
        raise NotFound(record="workspace", id=workspace_id)
    return Actor.system(workspace.pk, time_zone=ZoneInfo(workspace.time_zone), region=workspace.region)
