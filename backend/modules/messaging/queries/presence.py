"""Who is there, as it is known at the moment of asking."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from backend.core import folding
from backend.core.actor import Actor
from backend.modules.identity import queries as identity
from backend.modules.messaging import presence
from backend.modules.messaging.models import Connection, Presence, Process
from backend.modules.messaging.permissions import USE
from backend.modules.messaging.presence import Line, Status

KEPT = timedelta(days=1)  # that a dead process is known; what it had was looked after long before
SIGNS = ("id", "user_id", "process_id", "opened_at", "active_at", "closed_at")


@dataclass(frozen=True, slots=True)
class State:
    """Somebody, and how others see them. `chosen_at` is when they last chose something themselves."""

    user_id: int
    email: str
    first_name: str
    last_name: str
    status: Status
    custom_message: str
    last_seen: datetime | None
    chosen_at: datetime | None

    @property
    def name(self) -> str:
        return folding.join_name(self.first_name, self.last_name) or self.email


class Wire(NamedTuple):
    """A connection of somebody's, and what it says about them."""

    connection_id: UUID
    line: Line


class Person(NamedTuple):
    """Somebody in a workspace."""

    workspace_id: int
    user_id: int


def own(actor: Actor) -> State:
    """The caller as others see them. Raises `PermissionDenied` for an API key."""
    actor.require(USE)
    me = identity.me(actor)
    stored = Presence.objects.of(actor).filter(user_id=me.pk).first()
    return _state(stored or Presence(user=me), wires_of(actor, [me.pk])[me.pk], timezone.now())


def others_online(actor: Actor) -> list[State]:
    """Every other active member of the workspace who is not shown as offline, by name."""
    actor.require(USE)
    now, wires, rows = timezone.now(), wires_of(actor), Presence.objects.of(actor)
    called = rows.filter(called_at__gt=now - presence.CALL).values_list("user_id", flat=True)
    members = identity.active_members(actor, among={*wires, *called} - {actor.require_user()})
    stored = rows.filter(user_id__in=members).select_related("user")
    found = [_state(each, wires[each.user_id], now) for each in stored]
    there = [each for each in found if each.status != Status.OFFLINE]
    return sorted(there, key=lambda each: (folding.fold(each.name), each.user_id))


def _state(stored: Presence, wires: Sequence[Wire], now: datetime) -> State:
    return State(
        user_id=stored.user.pk,
        email=stored.user.email,
        first_name=stored.user.first_name,
        last_name=stored.user.last_name,
        status=shown(stored, wires, now),
        custom_message=stored.custom_message,
        last_seen=last_seen(stored, wires),
        chosen_at=stored.chosen_at if stored.pk else None,
    )


def shown(stored: Presence, wires: Iterable[Wire], now: datetime) -> Status:
    """What the person of a stored presence is shown as, with these connections."""
    return presence.shown(stored.status, lines(stored, wires), now)


def last_seen(stored: Presence, wires: Iterable[Wire]) -> datetime | None:
    """When they were last known to be there; of who appears offline, when they chose to."""
    if stored.status == Status.OFFLINE:
        return stored.last_seen_at
    return presence.last_seen(stored.last_seen_at, lines(stored, wires))


def lines(stored: Presence, wires: Iterable[Wire]) -> list[Line]:
    """All that shows that somebody is there."""
    calls = [presence.of_call(stored.called_at)] if stored.called_at else []
    return [*(each.line for each in wires), *calls]


def wires_of(actor: Actor, user_ids: Collection[int] | None = None) -> dict[int, list[Wire]]:
    """The connections of these people, or of everybody in the workspace who has any; also those that count no more."""
    rows = Connection.objects.of(actor)
    wanted = rows if user_ids is None else rows.filter(user_id__in=user_ids)
    heard_at = dict(Process.objects.values_list("pk", "seen_at"))
    found: dict[int, list[Wire]] = defaultdict(list)
    for pk, user_id, process_id, opened_at, active_at, closed_at in wanted.order_by("opened_at").values_list(*SIGNS):
        line = presence.of_connection(
            opened_at=opened_at, active_at=active_at, closed_at=closed_at, heard_at=heard_at.get(process_id)
        )
        found[user_id].append(Wire(pk, line))
    return found


def heard_at(process_id: UUID) -> datetime | None:
    """When the process was last heard of."""
    return Process.objects.filter(pk=process_id).values_list("seen_at", flat=True).first()


def open_connections(process_id: UUID) -> dict[UUID, int]:
    """What the process has open as far as the database knows, each with its workspace."""
    rows = Connection.across_workspaces.filter(process_id=process_id, closed_at=None)
    return dict(rows.values_list("pk", "workspace_id"))


def due() -> list[Person]:
    """Whom to look at again now, in all workspaces: by the clock alone, or because a process that had them died."""
    now = timezone.now()
    alive = Process.objects.filter(seen_at__gt=now - presence.SILENCE)
    by_the_clock = Presence.across_workspaces.filter(due_at__lte=now)
    orphaned = Connection.across_workspaces.exclude(process_id__in=alive.values("pk"))
    found = {Person(*row) for rows in (by_the_clock, orphaned) for row in rows.values_list("workspace_id", "user_id")}
    return sorted(found)


def forgotten_processes() -> list[Process]:
    """Those that died long ago."""
    return list(Process.objects.filter(seen_at__lte=timezone.now() - KEPT))
