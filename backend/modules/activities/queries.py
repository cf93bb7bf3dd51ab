"""Reading activities."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce, Concat, Trim
from django.utils import timezone

from backend.core import listing, permissions
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.activities.models import Activity, Kind

EXPORT = permissions.declare("activities.export", "Export activities", roles={"manager", "sales"})
VIEW = permissions.declare("activities.view", "Read activities", roles={"manager", "sales"})

# What has happened with a contact, as against what is still to be done.
INTERACTIONS = (Kind.CALL, Kind.EMAIL, Kind.MEETING, Kind.NOTE)
ROW = ("kind", "subject", "description", "contact_id", "created_by_id", "created_at", "version")
DETAIL = (*ROW, "status", "occurs_at", "result", "opportunity_id", "updated_at")
NAMES = {"created_by_name": F("created_by__username")}
ORDERINGS = {name: name for name in ("occurs_at", "created_at", "updated_at", "subject", "kind", "status", "id")}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of activities can be narrowed by; None does not narrow.

    `occurs_from` and `occurs_to` are days, both included, in the workspace's time zone.
    """

    kind: str | None = None
    status: str | None = None
    contact_id: int | None = None
    opportunity_id: int | None = None
    occurs_from: date | None = None
    occurs_to: date | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    total: int
    recent: int


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """Every activity of the workspace."""
    return Activity.objects.of(actor)


def page(actor: Actor, filters: Filters, wanted: listing.Window) -> listing.Page:
    """The activities that match, latest first unless an ordering is wanted."""
    actor.require(VIEW)
    rows = filtered(actor, filters)
    ordered = listing.order(rows, wanted, ORDERINGS, default="-occurs_at")
    if filters == Filters(kind=filters.kind):
        count = listing.count_by_tally(actor, Activity, [filters.kind] if filters.kind else Kind.values)
    else:
        count = listing.count_up_to_bound(rows)
    return listing.page(ordered, wanted, count=count, fields=DETAIL, **NAMES)


def to_export(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    """The activities that match, latest first, for a file. Beside the fields there is `contact_name`."""
    actor.require(EXPORT)
    first, last = (Coalesce(F(f"contact__{name}"), Value("")) for name in ("first_name", "last_name"))
    rows = filtered(actor, filters).annotate(contact_name=Trim(Concat(first, Value(" "), last)))
    return rows.order_by("-occurs_at", "-id")


def interactions_to_export(actor: Actor, contact_id: int | None) -> WorkspaceQuerySet:
    """The interactions of one contact or of all, newest first, for a file. Beside the fields there are `NAMES`."""
    actor.require(EXPORT)
    rows = _interactions(actor) if contact_id is None else _interactions(actor).filter(contact_id=contact_id)
    return rows.annotate(**NAMES).order_by("-created_at", "-id")


def filtered(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    conditions = {
        "kind": filters.kind,
        "status": filters.status,
        "contact_id": filters.contact_id,
        "opportunity_id": filters.opportunity_id,
        "occurs_at__gte": filters.occurs_from and actor.start_of(filters.occurs_from),
        "occurs_at__lt": filters.occurs_to and actor.end_of(filters.occurs_to),
    }
    return visible_to(actor).filter(**{name: value for name, value in conditions.items() if value is not None})


def get(actor: Actor, activity_id: int) -> dict[str, Any]:
    """One activity of any kind. Raises `NotFound`."""
    actor.require(VIEW)
    return detail(actor, activity_id)


def detail(actor: Actor, activity_id: int) -> dict[str, Any]:
    """The same for who has just written it, whether or not they may read others. Raises `NotFound`."""
    found = visible_to(actor).filter(pk=activity_id).values("id", *DETAIL, **NAMES).first()
    if found is None:
        raise NotFound(record="activity", id=activity_id)
    return found


def interactions_page(actor: Actor, contact_id: int | None, wanted: listing.Window) -> listing.Page:
    """The calls, e-mails, meetings and notes, newest first, of one contact or of all."""
    actor.require(VIEW)
    rows = _interactions(actor)
    if contact_id is None:
        count = listing.count_by_tally(actor, Activity, INTERACTIONS)
    else:
        rows = rows.filter(contact_id=contact_id)
        count = listing.count_up_to_bound(rows)
    ordered = rows.order_by("-created_at", "-id")
    return listing.page(ordered, wanted, count=count, fields=ROW, **NAMES)


def interactions_of(actor: Actor, contact_id: int) -> list[dict[str, Any]]:
    """Everything that has happened with one contact, newest first; nothing for who may not read activities."""
    if not actor.may(VIEW):
        return []
    rows = _interactions(actor).filter(contact_id=contact_id).order_by("-created_at", "-id")
    return list(rows.values("id", *ROW, **NAMES))


def get_interaction(actor: Actor, activity_id: int) -> dict[str, Any]:
    """One call, e-mail, meeting or note. Raises `NotFound`."""
    actor.require(VIEW)
    return interaction(actor, activity_id)


def interaction(actor: Actor, activity_id: int) -> dict[str, Any]:
    """The same for who has just written it, whether or not they may read others. Raises `NotFound`."""
    found = _interactions(actor).filter(pk=activity_id).values("id", *ROW, **NAMES).first()
    if found is None:
        raise NotFound(record="activity", id=activity_id)
    return found


def interaction_figures(actor: Actor, *, recent: timedelta) -> Figures:
    """How many interactions there are, and how many of them were created within the time `recent`."""
    total = listing.count_by_tally(actor, Activity, INTERACTIONS).rows
    return Figures(total, _interactions(actor).filter(created_at__gte=timezone.now() - recent).count())


def _interactions(actor: Actor) -> WorkspaceQuerySet:
    return visible_to(actor).filter(kind__in=INTERACTIONS)
