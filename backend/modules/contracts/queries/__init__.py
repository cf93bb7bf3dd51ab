"""Reading contracts. An agent sees their own, who holds `contracts.view_all` those of all."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Case, F, IntegerField, Sum, When
from django.db.models import Count as CountRows

from backend.core import listing, search
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.contracts.models import (
    IN_FORCE,
    OPEN,
    Contract,
    Kind,
    Note,
    Payment,
    PaymentStatus,
    Priority,
    Status,
)
from backend.modules.contracts.permissions import EXPORT, VIEW, VIEW_ALL
from backend.modules.opportunities.queries import cents

SUBJECT = "contract"  # what attachments and notifications call one
SOON = 30  # days

ROW = (
    "number",
    "title",
    "kind",
    "status",
    "priority",
    "client_name",
    "client_email",
    "client_phone",
    "property_address",
    "property_kind",
    "property_size",
    "value",
    "currency",
    "commission_rate",
    "commission_amount",
    "starts_on",
    "ends_on",
    "signed_on",
    "terms",
    "contact_id",
    "opportunity_id",
    "created_at",
    "updated_at",
    "version",
)
NAMES: dict[str, Any] = {"agent_email": F("agent__email")}
ORDERINGS = {
    name: name
    for name in (
        "title",
        "kind",
        "client_name",
        "value",
        "commission_rate",
        "commission_amount",
        "starts_on",
        "ends_on",
        "signed_on",
        "created_at",
        "updated_at",
        "id",
    )
} | {"number": "id", "status": "place_of_status", "priority": "place_of_priority"}  # numbers are given in order
# From Low to Urgent and along the life, not by the alphabet.
PLACES = {
    f"place_of_{field}": Case(
        *(When(**{field: value}, then=place) for place, value in enumerate(choices.values)), output_field=IntegerField()
    )
    for field, choices in (("status", Status), ("priority", Priority))
}
PAYMENT = ("kind", "amount", "due_on", "paid_on", "status", "version")
NOTE = ("kind", "content", "created_at", "version")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of contracts can be narrowed by; None and an empty term do not narrow."""

    term: str = ""
    kind: str | None = None
    status: str | None = None
    priority: str | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """What contracts are worth, in one currency or in all as raw sums."""

    count: int
    value: Decimal
    commission: Decimal


@dataclass(frozen=True, slots=True)
class Statistics:
    """How the caller's contracts stand. `average_rate` in per cent; `this_month` were made in the current month."""

    by_status: dict[str, int]
    by_kind: dict[str, int]
    total: Sums
    by_currency: dict[str, Sums]
    average_rate: Decimal
    this_month: int
    expiring_soon: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """The payments of a contract against its value; what is cancelled counts nowhere. `open` includes `late`."""

    scheduled: Decimal
    paid: Decimal
    open: Decimal
    late: Decimal
    unscheduled: Decimal


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """The caller's own contracts, or those of every agent."""
    rows = Contract.objects.of(actor)
    if actor.may(VIEW_ALL):
        return rows
    return rows.none() if actor.user_id is None else rows.filter(agent_id=actor.user_id)


def exists(actor: Actor, contract_id: int) -> bool:
    return visible_to(actor).filter(pk=contract_id).exists()


def exists_of_opportunity(actor: Actor, opportunity_id: int) -> bool:
    return visible_to(actor).filter(opportunity_id=opportunity_id).exists()


def is_readable(actor: Actor, contract_id: int) -> bool:
    """Whether the caller may read it, and so what is attached to it."""
    return actor.may(VIEW) and exists(actor, contract_id)


def page(actor: Actor, filters: Filters, wanted: listing.Window) -> listing.Page:
    """The contracts that match, newest first unless an ordering is wanted."""
    actor.require(VIEW)
    rows = filtered(actor, filters)
    ordered = listing.order(rows.annotate(**PLACES), wanted, ORDERINGS, default="-created_at")
    return listing.page(ordered, wanted, count=listing.count_up_to_bound(rows), fields=ROW, **NAMES)


def to_export(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    """The contracts that match, newest first, for a file. Beside the fields there are `NAMES`."""
    actor.require(EXPORT)
    return filtered(actor, filters).annotate(**NAMES).order_by("-created_at", "-id")


def filtered(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    conditions = {"kind": filters.kind, "status": filters.status, "priority": filters.priority}
    rows = visible_to(actor).filter(**{name: value for name, value in conditions.items() if value is not None})
    return search.narrow(rows, filters.term)


def get(actor: Actor, contract_id: int) -> dict[str, Any]:
    """One contract. Raises `NotFound`."""
    actor.require(VIEW)
    return _row(visible_to(actor), contract_id)


def detail(actor: Actor, contract_id: int) -> dict[str, Any]:
    """The same for who has just written it, and may have given it to another agent. Raises `NotFound`."""
    return _row(Contract.objects.of(actor), contract_id)


def payments(actor: Actor, contract_id: int) -> list[dict[str, Any]]:
    """The payments of a contract that the caller sees, by the day on which they are due."""
    rows = Payment.objects.of(actor).filter(contract_id=contract_id, contract__in=visible_to(actor))
    return list(rows.order_by("due_on", "id").values("id", *PAYMENT))


def payment(actor: Actor, payment_id: int) -> dict[str, Any]:
    """One payment, for who has just written it. Raises `NotFound`."""
    found = Payment.objects.of(actor).filter(pk=payment_id).values("id", *PAYMENT).first()
    if found is None:
        raise NotFound(record="payment", id=payment_id)
    return found


def schedule(value: Decimal, rows: Iterable[dict[str, Any]]) -> Schedule:
    """What these payments come to for a contract of this value."""
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row["status"]] += row["amount"]
    late, paid = sums[PaymentStatus.LATE], sums[PaymentStatus.PAID]
    open_ = sum((sums[status] for status in OPEN), Decimal(0))
    scheduled = open_ + paid
    return Schedule(*(cents(Decimal(each)) for each in (scheduled, paid, open_, late, value - scheduled)))


def notes(actor: Actor, contract_id: int) -> list[dict[str, Any]]:
    """The notes of a contract that the caller sees, oldest first."""
    rows = Note.objects.of(actor).filter(contract_id=contract_id, contract__in=visible_to(actor))
    return list(rows.order_by("created_at", "id").values("id", *NOTE, author_email=F("created_by__email")))


def note(actor: Actor, note_id: int) -> dict[str, Any]:
    """One note, for who has just written it. Raises `NotFound`."""
    found = Note.objects.of(actor).filter(pk=note_id)
    row = found.values("id", *NOTE, author_email=F("created_by__email")).first()
    if row is None:
        raise NotFound(record="note", id=note_id)
    return row


def statistics(actor: Actor) -> Statistics:
    """How the contracts stand that the caller sees; months and days are the workspace's."""
    actor.require(VIEW)
    rows = visible_to(actor).order_by()
    groups = rows.values("status", "kind", "currency").annotate(
        rows=CountRows("id"), values_=Sum("value"), commissions=Sum("commission_amount"), rates=Sum("commission_rate")
    )
    found = list(groups)
    count = sum(each["rows"] for each in found)
    rates = sum((cents(each["rates"]) for each in found), Decimal(0))
    currencies = sorted({each["currency"] for each in found})
    month = actor.start_of(actor.today.replace(day=1))
    return Statistics(
        by_status={status: sum(each["rows"] for each in found if each["status"] == status) for status in Status.values},
        by_kind={kind: sum(each["rows"] for each in found if each["kind"] == kind) for kind in Kind.values},
        total=_sums(found),
        by_currency={name: _sums(each for each in found if each["currency"] == name) for name in currencies},
        average_rate=(rates / (count or 1)).quantize(Decimal("0.01"), ROUND_HALF_UP),
        this_month=rows.filter(created_at__gte=month).count(),
        expiring_soon=expiring_within(actor, SOON).count(),
    )


def expiring(actor: Actor, *, days: int) -> list[dict[str, Any]]:
    """The contracts in force that end within so many days of today, each with `days_left`, the nearest end first."""
    actor.require(VIEW)
    rows = expiring_within(actor, days).order_by("ends_on", "id")
    today = actor.today
    found = rows.values("id", "number", "title", "client_name", "ends_on", "status")
    return [row | {"days_left": (row["ends_on"] - today).days} for row in found]


def expiring_within(actor: Actor, days: int) -> WorkspaceQuerySet:
    today = actor.today
    return visible_to(actor).filter(status__in=IN_FORCE, ends_on__range=(today, _after(today, days)))


def last_serial(actor: Actor, year: int) -> int:
    """The serial of the newest contract of a year; 0 if there is none."""
    rows = Contract.objects.of(actor).filter(year=year).order_by("-serial")
    return rows.values_list("serial", flat=True).first() or 0


def count(actor: Actor) -> int:
    """How many contracts the caller sees."""
    return visible_to(actor).count()


def _row(rows: WorkspaceQuerySet, contract_id: int) -> dict[str, Any]:
    found = rows.filter(pk=contract_id).values("id", *ROW, **NAMES).first()
    if found is None:
        raise NotFound(record="contract", id=contract_id)
    return found


def _after(day: date, days: int) -> date:
    return day + timedelta(days=min(days, (date.max - day).days))


def _sums(groups: Iterable[dict[str, Any]]) -> Sums:
    found = list(groups)
    return Sums(
        count=sum(each["rows"] for each in found),
        value=sum((cents(each["values_"]) for each in found), Decimal("0.00")),
        commission=sum((cents(each["commissions"]) for each in found), Decimal("0.00")),
    )
