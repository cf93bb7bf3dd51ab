"""When a workspace is told of its contracts, of what, and who is."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.core.actor import Actor
from backend.core.errors import PermissionDenied
from backend.core.local_time import moment_of
from backend.modules.contracts import queries, settings
from backend.modules.contracts.models import (
    IN_FORCE,
    OPEN,
    AlertRound,
    Contract,
    ContractAlert,
    ContractSettings,
    Occasion,
    Payment,
    PaymentStatus,
    Status,
)
from backend.modules.contracts.permissions import VIEW
from backend.modules.identity import authentication
from backend.modules.identity import queries as identity
from backend.modules.identity.models import Workspace
from backend.modules.identity.queries import roles

DAY = timedelta(days=1)
# Where the clocks jump over the end of a day, or over all of it, its alerts come after midnight.
DAYS_BACK = 3
LATE = -1  # days before it is due
ENDING = (*IN_FORCE, Status.EXPIRED)  # one that ended while nobody was told is told of as well


class Alert(NamedTuple):
    """What is to be told: the contract ends, or the payment is due, on `day`, `days_before` of which have come."""

    contract_id: int
    payment_id: int | None
    occasion: Occasion
    day: date
    days_before: int


class Span(NamedTuple):
    """The days whose alerts are to be told, both included. Of the first they were told, in the morning."""

    first: date
    last: date

    @property
    def is_due(self) -> bool:
        return self.first < self.last


def due_workspaces(*, late: timedelta = timedelta(0)) -> list[int]:
    """The workspaces whose time for alerts has come, and has been there for so long, and that were not told since."""
    moment = timezone.now() - late
    times = dict(ContractSettings.across_workspaces.values_list("workspace_id", "alert_at"))
    told = dict(AlertRound.across_workspaces.values_list("workspace_id", "day"))
    usual = ContractSettings().alert_at
    return [
        place.pk
        for place in identity.workspaces()
        if _span(place, told.get(place.pk), times.get(place.pk, usual), moment).is_due
    ]


def count_due(*, late: timedelta = timedelta(0)) -> int:
    return len(due_workspaces(late=late))


def due_span(actor: Actor) -> Span | None:
    """What the actor's workspace is to be told now, if anything."""
    told = AlertRound.objects.of(actor).values_list("day", flat=True).first()
    span = _span(identity.workspace(actor), told, settings.of(actor).alert_at, timezone.now())
    return span if span.is_due else None


def untold(actor: Actor, span: Span) -> list[Alert]:
    """What is to be told of these days and was not; of several steps before one day the nearest."""
    chosen = settings.of(actor)
    found = [
        *_endings(actor, span, chosen.alert_days),
        *_payments(actor, span, chosen.payment_alert_days, Occasion.PAYMENT_DUE),
        *_payments(actor, span, [LATE], Occasion.PAYMENT_LATE),
    ]
    told = ContractAlert.objects.of(actor).filter(day__in={alert.day for alert in found})
    known = set(told.values_list(*Alert._fields))
    return [alert for alert in found if alert not in known]


def open_payments(actor: Actor) -> QuerySet:
    """What is owed: open payments of contracts in force, and those that were late when their contract expired."""
    expired = Q(status=PaymentStatus.LATE, contract__status=Status.EXPIRED)
    return Payment.objects.of(actor).filter(Q(status__in=OPEN, contract__status__in=IN_FORCE) | expired)


def readers(actor: Actor, contract: Contract) -> list[int]:
    """Who is told of the contract, of those who still see it: its agent and the workspace's managers, each once.

    The administrators stand in where the workspace has no manager.
    """
    chosen = settings.of(actor)
    found = [contract.agent_id] if chosen.tell_agent and contract.agent_id is not None else []
    if chosen.tell_managers:
        found += roles.active_holders(actor, "manager") or roles.active_holders(actor, "admin")
    return [user_id for user_id in dict.fromkeys(found) if _sees(actor, user_id, contract.pk)]


def _sees(actor: Actor, user_id: int, contract_id: int) -> bool:
    try:
        reader = authentication.member(actor.workspace_id or 0, user_id)
    except PermissionDenied:
        return False
    return reader.may(VIEW) and queries.exists(reader, contract_id)


def _span(place: Workspace, told: date | None, at: time, moment: datetime) -> Span:
    """Where nobody was told of anything yet, the days since the workspace is there."""
    zone = ZoneInfo(place.time_zone)
    return Span(told or _last_day(place.created_at, at, zone), _last_day(moment, at, zone))


def _last_day(moment: datetime, at: time, zone: ZoneInfo) -> date:
    """The last day whose time for alerts has come by this moment."""
    today = moment.astimezone(zone).date()
    days = (today - back * DAY for back in range(DAYS_BACK))
    return next(day for day in days if moment_of(day, at, zone) <= moment)


def _endings(actor: Actor, span: Span, steps: Collection[int]) -> Iterator[Alert]:
    rows = Contract.objects.of(actor).filter(_within(span, "ends_on", steps), status__in=ENDING)
    for pk, day, created_at in rows.order_by("ends_on", "id").values_list("id", "ends_on", "created_at"):
        reached = _reached(actor, span, day, steps, created_at)
        if reached:
            yield Alert(pk, None, Occasion.ENDING, day, min(reached))


def _payments(actor: Actor, span: Span, steps: Collection[int], occasion: Occasion) -> Iterator[Alert]:
    """Those that are late are told of as such, and not of steps before their day any more."""
    rows = open_payments(actor).filter(_within(span, "due_on", steps))
    if occasion == Occasion.PAYMENT_DUE:
        rows = rows.filter(due_on__gte=actor.today)
    found = rows.order_by("due_on", "id").values_list("contract_id", "id", "due_on", "created_at")
    for contract_id, pk, day, created_at in found:
        reached = _reached(actor, span, day, steps, created_at)
        if reached:
            yield Alert(contract_id, pk, occasion, day, max(min(reached), 0))


def _within(span: Span, field: str, steps: Collection[int]) -> Q:
    """The rows whose day is so many days after one of the span; none for no steps."""
    found = Q(pk__in=())
    for step in steps:
        found |= Q(**{f"{field}__range": (span.first + step * DAY, span.last + step * DAY)})
    return found


def _reached(actor: Actor, span: Span, day: date, steps: Collection[int], created_at: datetime) -> list[int]:
    """Which steps before this day fall into the span, and not before the record was there."""
    first = max(span.first, created_at.astimezone(actor.time_zone).date())
    return [step for step in steps if first <= day - step * DAY <= span.last]
