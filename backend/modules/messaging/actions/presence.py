"""Choosing what one is shown as, and keeping what is known of who is there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.core.action import action
from backend.core.actor import Actor
from backend.core.constraints import violates
from backend.modules.messaging import errors, presence, queries, telling
from backend.modules.messaging.models import Connection, Presence, Process
from backend.modules.messaging.permissions import USE
from backend.modules.messaging.presence import Status
from backend.modules.messaging.queries import presence as stored

AT_ONCE = 100  # people that one transaction settles
SETTLED = ("shown", "last_seen_at", "due_at")


@dataclass(frozen=True, slots=True)
class Socket:
    """One that is open, and when its person last did something over it."""

    id: UUID
    user_id: int
    opened_at: datetime
    active_at: datetime


@action("presence.choose", needs=USE)
def choose(
    actor: Actor, *, status: str | None = None, custom_message: str | None = None, is_call: bool = False
) -> None:
    """Choose what the caller is shown as while they are there, and what they have to say; None stays as it is.

    A call over REST is a sign of life of who has no socket. Raises `NothingChosen`.
    """
    if status is None and custom_message is None:
        raise errors.NothingChosen
    [own] = _hold(actor, [actor.require_user()])
    wires, now = stored.wires_of(actor, [own.user_id])[own.user_id], timezone.now()
    before, said = stored.shown(own, wires, now), own.custom_message
    hides = status == Status.OFFLINE and before != Status.OFFLINE
    own.last_seen_at = now if hides else stored.last_seen(own, wires)
    own.status, own.chosen_at = status or own.status, now
    own.custom_message = said if custom_message is None else custom_message
    own.called_at = now if is_call else own.called_at
    own.save()
    _settle(actor, [own], {own.user_id: before}, says_more=own.custom_message != said)


@action("process.beat")
def beat(actor: Actor, *, process_id: UUID) -> None:
    """Note that a process lives, and forget those that died long ago."""
    found = Process.objects.filter(pk=process_id).first() or Process(pk=process_id)
    found.seen_at = timezone.now()
    found.save()
    for dead in stored.forgotten_processes():
        dead.delete()


@action("connection.keep")
def keep(
    actor: Actor, *, process_id: UUID, opened: Collection[Socket] = (), closed: Mapping[UUID, datetime] | None = None
) -> None:
    """Note which sockets of a workspace a process has opened, and which were closed when, and settle their people."""
    rows, closed = Connection.objects.of(actor), closed or {}
    ending: list[Connection] = list(rows.filter(pk__in=closed))
    held = _hold(actor, {each.user_id for each in opened} | {each.user_id for each in ending})
    before = _shown(actor, held)
    for each in ending:
        each.closed_at = closed[each.pk]
    rows.bulk_update(ending, ["closed_at"])
    rows.bulk_create(
        rows.new(
            id=each.id,
            user_id=each.user_id,
            process_id=process_id,
            opened_at=each.opened_at,
            active_at=each.active_at,
        )
        for each in opened
    )
    _settle(actor, held, before)


@action("connection.note_activity")
def note_activity(actor: Actor, *, active: Mapping[UUID, datetime]) -> None:
    """Note when people last did something over these sockets; who was away is there again."""
    rows = Connection.objects.of(actor)
    found: list[Connection] = list(rows.filter(pk__in=active))
    for each in found:
        each.active_at = active[each.pk]
    rows.bulk_update(found, ["active_at"])
    away = Presence.objects.of(actor).filter(user_id__in={each.user_id for each in found}, shown=Status.AWAY)
    _settle(actor, _hold(actor, set(away.values_list("user_id", flat=True))))


@action("presence.settle")
def settle(actor: Actor, *, user_ids: Collection[int]) -> None:
    """Look at these people again, and tell others of those who look different now. Who does it again tells nothing."""
    _settle(actor, _hold(actor, user_ids))


def settle_due() -> None:
    """Settle whom it is time to look at, in all workspaces. Several processes may do it at once."""
    for workspace_id, people in groupby(stored.due(), key=lambda person: person.workspace_id):
        user_ids = [person.user_id for person in people]
        for start in range(0, len(user_ids), AT_ONCE):
            settle(Actor.system(workspace_id), user_ids=user_ids[start : start + AT_ONCE])


def _hold(actor: Actor, user_ids: Collection[int]) -> list[Presence]:
    """The presences of these people, which nobody else settles until the transaction ends."""
    rows = Presence.objects.of(actor).filter(user_id__in=user_ids)
    known = set(rows.values_list("user_id", flat=True))
    for user_id in sorted({*user_ids} - known):  # before anything is locked, and in one order: nobody waits in a circle
        try:
            with transaction.atomic():
                rows.create(user_id=user_id)
        except IntegrityError as error:
            if not violates(error, Presence, "presences_once"):
                raise
    return list(rows.order_by("user_id").select_for_update(of=("self",)))


def _shown(actor: Actor, held: Collection[Presence]) -> dict[int, Status]:
    wires, now = stored.wires_of(actor, [each.user_id for each in held]), timezone.now()
    return {each.user_id: stored.shown(each, wires[each.user_id], now) for each in held}


def _settle(
    actor: Actor, held: list[Presence], before: Mapping[int, Status] | None = None, *, says_more: bool = False
) -> None:
    """Bring what is kept of people up to date; tell of those who look different from `before` or from what was told.

    What is over is removed: sockets that were closed a while ago, and those of dead processes.
    """
    now, wires, before = timezone.now(), stored.wires_of(actor, [each.user_id for each in held]), before or {}
    seen: list[Presence] = []
    unseen: list[Presence] = []
    for each in held:
        known = {each.shown, before.get(each.user_id, each.shown)}
        each.shown = stored.shown(each, wires[each.user_id], now)
        each.last_seen_at = stored.last_seen(each, wires[each.user_id])
        each.due_at = presence.next_change(each.status, stored.lines(each, wires[each.user_id]), now)
        if says_more or known != {each.shown}:
            (unseen if known | {each.shown} == {Status.OFFLINE} else seen).append(each)
    over = [wire.connection_id for some in wires.values() for wire in some if wire.line.ends_at <= now]
    Connection.objects.of(actor).filter(pk__in=over).delete()
    Presence.objects.of(actor).bulk_update(held, SETTLED)
    _tell(actor, seen, to_others=True)
    _tell(actor, unseen, to_others=False)  # what somebody says who stays offline would tell that they are there


def _tell(actor: Actor, changed: Collection[Presence], *, to_others: bool) -> None:
    keys = [each.pk for each in changed]
    emails = dict(Presence.objects.of(actor).filter(pk__in=keys).values_list("user_id", "user__email"))
    for each in changed:
        frame = {
            "type": "presence.changed",
            "user": each.user_id,
            "email": emails[each.user_id],
            "status": each.shown,
            "custom_message": each.custom_message,
            "last_seen": each.last_seen_at,
        }
        others = queries.sharing_with(actor, each.user_id) if to_others else []
        telling.tell(actor, {each.user_id, *others}, frame)
