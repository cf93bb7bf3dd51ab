"""Reading leads. A salesperson sees those assigned to them, who holds `leads.view_all` those of all."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Concat, Trim, TruncMonth

from backend.core import folding, listing, search
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.leads.models import OPEN, Channel, Lead, Status
from backend.modules.leads.permissions import EXPORT, VIEW, VIEW_ALL
from backend.modules.ledger import queries as ledger

SUBJECT = "lead"  # what attachments and notifications call one
HISTORY = ("status", "assigned_to_id")  # the fields whose changes a lead's history shows

ROW = (
    "contact_id",
    "channel",
    "status",
    "assigned_to_id",
    "admin_notes",
    "sales_notes",
    "contacted_at",
    "created_by_id",
    "created_at",
    "updated_at",
    "version",
)
NAMES: dict[str, Any] = {
    "contact_first_name": F("contact__first_name"),
    "contact_last_name": F("contact__last_name"),
    "contact_phone": F("contact__phone"),
    "contact_email": F("contact__email"),
    "assigned_to_name": F("assigned_to__username"),
    "created_by_name": F("created_by__username"),
}
ORDERINGS = {name: name for name in ("id", "created_at", "updated_at", "status", "channel", "contacted_at")}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of leads can be narrowed by; None and an empty term do not narrow.

    Days are the workspace's, both included. `unassigned` is True for the leads of nobody, False for those of somebody.
    """

    term: str = ""
    status: str | None = None
    channel: str | None = None
    contact_id: int | None = None
    assigned_to_id: int | None = None
    unassigned: bool | None = None
    created_from: date | None = None
    created_to: date | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """How the caller's leads stand. Months are the workspace's, `YYYY-MM`, oldest first.

    `to_first_contact` is the mean time from coming to the first contact, of those who were contacted.
    """

    by_status: dict[str, int]
    by_channel: dict[str, int]
    by_assignee: list[dict[str, Any]]
    by_month: list[dict[str, Any]]
    to_first_contact: timedelta | None

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """The caller's own leads, or those of everybody."""
    rows = Lead.objects.of(actor)
    if actor.may(VIEW_ALL):
        return rows
    return rows.none() if actor.user_id is None else rows.filter(assigned_to_id=actor.user_id)


def is_readable(actor: Actor, lead_id: int) -> bool:
    """Whether the caller may read it, and so what is attached to it."""
    return actor.may(VIEW) and visible_to(actor).filter(pk=lead_id).exists()


def page(actor: Actor, filters: Filters, wanted: listing.Window) -> listing.Page:
    """The leads that match, newest first unless an ordering is wanted."""
    actor.require(VIEW)
    rows = filtered(actor, filters)
    ordered = listing.order(rows, wanted, ORDERINGS, default="-created_at")
    return listing.page(ordered, wanted, count=listing.count_up_to_bound(rows), fields=ROW, **NAMES)


def to_export(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    """The leads that match, newest first, for a file. Beside the fields there are `NAMES` and `full_name`."""
    actor.require(EXPORT)
    full_name = Trim(Concat("contact__first_name", Value(" "), "contact__last_name"))
    return filtered(actor, filters).annotate(full_name=full_name, **NAMES).order_by("-created_at", "-id")


def filtered(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    conditions = {
        "status": filters.status,
        "channel": filters.channel,
        "contact_id": filters.contact_id,
        "assigned_to_id": filters.assigned_to_id,
        "assigned_to__isnull": filters.unassigned,
        "created_at__gte": filters.created_from and actor.start_of(filters.created_from),
        "created_at__lt": filters.created_to and actor.end_of(filters.created_to),
    }
    rows = visible_to(actor).filter(**{name: value for name, value in conditions.items() if value is not None})
    return search.narrow(rows, filters.term)


def get(actor: Actor, lead_id: int) -> dict[str, Any]:
    """One lead. Raises `NotFound`."""
    actor.require(VIEW)
    return _row(visible_to(actor), lead_id)


def detail(actor: Actor, lead_id: int) -> dict[str, Any]:
    """The same for who has just written it, and may have given it to somebody else. Raises `NotFound`."""
    return _row(Lead.objects.of(actor), lead_id)


def of_contacts(actor: Actor, contact_ids: Collection[int]) -> list[dict[str, Any]]:
    """The leads of these contacts that the caller sees, newest first; none for who may not read leads."""
    if not actor.may(VIEW):
        return []
    rows = visible_to(actor).filter(contact__in=contact_ids).order_by("-created_at", "-id")
    return list(rows.values("id", *ROW, **NAMES))


def count_open_of_contact(actor: Actor, contact_id: int) -> int:
    """How many open leads the contact has, whoever sees them."""
    return Lead.objects.of(actor).filter(contact_id=contact_id, status__in=OPEN).count()


def newest_open(actor: Actor, contact_id: int) -> Lead | None:
    """The one that a message of the contact is about, whoever sees it."""
    found: Lead | None = Lead.objects.of(actor).filter(contact_id=contact_id, status__in=OPEN).order_by("id").last()
    return found


def history(actor: Actor, lead_id: int) -> list[dict[str, Any]]:
    """What became of the lead, oldest first: each change of its status and of whom it is assigned to."""
    found = []
    for entry in ledger.of_record(actor, Lead._meta.db_table, lead_id):
        for field in HISTORY:
            values = {"field": field, "old": entry.old.get(field), "new": entry.new.get(field)}
            if values["old"] != values["new"] and field in entry.new:
                found.append(values | {"username": entry.username, "at": entry.created_at})
    return found


def statistics(actor: Actor) -> Statistics:
    """Counted now, over the leads that the caller sees."""
    actor.require(VIEW)
    rows = visible_to(actor).order_by()
    statuses = dict(rows.values_list("status").annotate(rows=Count("id")))
    channels = dict(rows.values_list("channel").annotate(rows=Count("id")))
    names = {"username": F("assigned_to__username")}
    assignees = rows.values("assigned_to_id", **names).annotate(count=Count("id"))
    months = rows.annotate(month=TruncMonth("created_at", tzinfo=actor.time_zone)).values("month")
    waits = ExpressionWrapper(F("contacted_at") - F("created_at"), output_field=DurationField())
    return Statistics(
        by_status={status: statuses.get(status, 0) for status in Status.values},
        by_channel={channel: channels.get(channel, 0) for channel in Channel.values},
        by_assignee=list(assignees.order_by("-count", "assigned_to_id")),
        by_month=[
            {"month": f"{each['month']:%Y-%m}", "count": each["count"]}
            for each in months.annotate(count=Count("id")).order_by("month")
        ],
        to_first_contact=rows.exclude(contacted_at=None).aggregate(mean=Avg(waits))["mean"],
    )


def name_of(row: dict[str, Any]) -> str:
    """The contact's name as one."""
    return folding.join_name(row["contact_first_name"] or "", row["contact_last_name"] or "")


def _row(rows: WorkspaceQuerySet, lead_id: int) -> dict[str, Any]:
    found = rows.filter(pk=lead_id).values("id", *ROW, **NAMES).first()
    if found is None:
        raise NotFound(record="lead", id=lead_id)
    return found
