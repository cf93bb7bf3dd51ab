"""Reading activities."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from backend.core import listing, permissions
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.activities.models import Activity, Kind

VIEW = permissions.declare("activities.view", "Read activities", roles={"manager", "sales"})

# What has happened with a contact, as against what is still to be done.
INTERACTIONS = (Kind.CALL, Kind.EMAIL, Kind.MEETING, Kind.NOTE)
ROW = ("kind", "subject", "description", "contact_id", "created_by_id", "created_at", "version")
NAMES = {"created_by_name": F("created_by__username")}


@dataclass(frozen=True, slots=True)
class Figures:
    total: int
    recent: int


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """Every activity of the workspace."""
    return Activity.objects.of(actor)


def interactions_page(actor: Actor, *, contact_id: int | None, number: int, size: int) -> listing.Page:
    """One page of the calls, e-mails, meetings and notes, newest first, of one contact or of all."""
    actor.require(VIEW)
    rows = _interactions(actor)
    if contact_id is None:
        count = listing.count_by_tally(actor, Activity, INTERACTIONS)
    else:
        rows = rows.filter(contact_id=contact_id)
        count = listing.count_up_to_bound(rows)
    ordered = rows.order_by("-created_at", "-id")
    return listing.paginate(ordered, count=count, number=number, size=size, fields=ROW, **NAMES)


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
    rows = _interactions(actor)
    return Figures(rows.count(), rows.filter(created_at__gte=timezone.now() - recent).count())


def _interactions(actor: Actor) -> WorkspaceQuerySet:
    return visible_to(actor).filter(kind__in=INTERACTIONS)
