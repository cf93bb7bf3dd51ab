"""Who somebody is and which workspace this is. Lists of users, roles, invitations, keys have a file each."""

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import timezone

from backend.core import folding
from backend.core.actor import Actor
from backend.core.due import LATE
from backend.core.errors import Invalid, NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.identity.models import Membership, RecoveryRequest, User, Workspace
from backend.modules.identity.queries.roles import active_holders
from backend.modules.identity.roles import ADMIN


class UnknownUser(Invalid):
    """The user to assign to is not an active member of the workspace. Fact: `id`."""

    code = "unknown_user"
    field = "assigned_to_id"


def me(actor: Actor) -> User:
    """The caller's own user. Raises `PermissionDenied` for an API key."""
    return User.objects.get(pk=actor.require_user())


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the workspace and what they are recognised by."""

    user_id: int
    username: str
    email: str
    first_name: str
    last_name: str
    is_active: bool


def members(actor: Actor) -> list[Member]:
    """Every member of the workspace; inactive is who may not act there, or nowhere."""
    names = ("user__username", "user__email", "user__first_name", "user__last_name", "is_active", "user__is_active")
    rows = Membership.objects.of(actor).order_by("id").values_list("user_id", *names)
    return [
        Member(user_id, username, email, first_name, last_name, here and anywhere)
        for user_id, username, email, first_name, last_name, here, anywhere in rows
    ]


def active_member(actor: Actor, user_id: int) -> User | None:
    """The user, if they are an active member of the actor's workspace."""
    member = Membership.objects.of(actor).filter(user_id=user_id, is_active=True, user__is_active=True)
    found = member.select_related("user").first()
    return found.user if found else None


def active_members(actor: Actor, *, among: Collection[int] | None = None) -> list[int]:
    """The ids of the active members of the workspace, of all or among these, in the order in which they joined."""
    rows = who_is_active(actor)
    wanted = rows if among is None else rows.filter(user_id__in=among)
    return list(wanted.order_by("id").values_list("user_id", flat=True))


def who_is_active(actor: Actor) -> WorkspaceQuerySet:
    """The active memberships of the workspace, for a query of another module to look among."""
    return Membership.objects.of(actor).filter(is_active=True, user__is_active=True)


def users_of(actor: Actor, membership_ids: Collection[int]) -> list[int]:
    """The ids of the users whose memberships of the workspace these are."""
    rows = Membership.objects.of(actor).filter(pk__in=membership_ids)
    return list(rows.order_by("id").values_list("user_id", flat=True))


def administrators(actor: Actor) -> list[int]:
    """The ids of the active administrators of the workspace, in the order in which they joined."""
    return active_holders(actor, ADMIN)


def is_administrator(actor: Actor) -> bool:
    """Whether the caller is one of them."""
    return actor.user_id in administrators(actor)


def language_of(actor: Actor, user: User) -> str:
    """What the user is written to in: what they chose, or else the workspace's."""
    return user.language or workspace(actor).language


def check_assignee(actor: Actor, user_id: int) -> None:
    """Raises `UnknownUser` unless records can be assigned to this user: an active member of the workspace."""
    if not Membership.objects.of(actor).filter(user_id=user_id, is_active=True, user__is_active=True).exists():
        raise UnknownUser(id=user_id)


def member_by_username(actor: Actor, username: str) -> User | None:
    """The same, by user name in any case."""
    member = Membership.objects.of(actor).filter(user__username_key=folding.key(username), is_active=True)
    found = member.select_related("user").first()
    return found.user if found else None


def member_by_email(actor: Actor, email: str) -> User | None:
    """An active member of the actor's workspace, by address in any case."""
    member = Membership.objects.of(actor).filter(user__email_key=folding.key(email), is_active=True)
    found = member.filter(user__is_active=True).select_related("user").first()
    return found.user if found else None


def workspace(actor: Actor) -> Workspace:
    """The actor's own. Raises `NotFound` for one without."""
    found = Workspace.objects.filter(pk=actor.workspace_id or 0).first()
    if found is None:
        raise NotFound(record="workspace")
    return found


def system_actor(workspace_id: int) -> Actor:
    """The server itself in a workspace, with its time zone. Raises `NotFound`."""
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if workspace is None:
        raise NotFound(record="workspace", id=workspace_id)
    return Actor.system(workspace.pk, time_zone=ZoneInfo(workspace.time_zone), region=workspace.region)


def workspaces() -> list[Workspace]:
    """Every workspace, the oldest first."""
    return list(Workspace.objects.order_by("id"))


def workspace_ids() -> list[int]:
    """Every workspace, for what the server does by the clock in each."""
    return list(Workspace.objects.order_by("id").values_list("pk", flat=True))


def time_zones() -> dict[int, ZoneInfo]:
    """The time zone of every workspace."""
    rows = Workspace.objects.order_by("id").values_list("pk", "time_zone")
    return {pk: ZoneInfo(name) for pk, name in rows}


def waiting_recoveries(*, limit: int) -> list[int]:
    """Who asked for a new password and was not answered yet, the oldest first."""
    return list(RecoveryRequest.objects.order_by("id").values_list("pk", flat=True)[:limit])


def count_waiting_recoveries() -> int:
    return RecoveryRequest.objects.count()


def count_stuck_recoveries() -> int:
    """How many of them should have been answered a while ago."""
    return RecoveryRequest.objects.filter(created_at__lte=timezone.now() - LATE).count()
