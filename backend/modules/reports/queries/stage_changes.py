"""How opportunities moved between stages."""

from datetime import date

from django.db.models import F

from backend.core import listing
from backend.core.actor import Actor
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.opportunities import queries as opportunities
from backend.modules.reports.queries import VIEW, check_period

NAMES = {"new_stage_name": F("to_stage__name"), "changed_by_name": F("changed_by__username")}


def stage_changes(
    actor: Actor, *, limit: int, stage: str | None = None, first: date | None = None, last: date | None = None
) -> listing.Page:
    """The newest moves into a stage, at most `limit`, and how many there are in all. Raises as `to_export` does."""
    rows = to_export(actor, stage=stage, first=first, last=last)
    fields = ("opportunity_id", "changed_at", "reason", *NAMES)
    return listing.page(rows, listing.Window(size=limit), count=listing.count_up_to_bound(rows), fields=fields)


def to_export(
    actor: Actor, *, stage: str | None = None, first: date | None = None, last: date | None = None
) -> WorkspaceQuerySet:
    """All moves into a stage, newest first, for a file. Beside the fields there are `NAMES`.

    That an opportunity was created in a stage is its first move into one. `stage` is a key or a name, None any;
    `first` and `last` are days in the workspace's time zone, both included.
    Raises `UnknownStage` and `PeriodReversed`.
    """
    actor.require(VIEW)
    check_period(first, last)
    conditions = {
        "to_stage": opportunities.find_stage(actor, stage) if stage is not None else None,
        "changed_at__gte": first and actor.start_of(first),
        "changed_at__lt": last and actor.end_of(last),
    }
    rows = opportunities.moves(actor).filter(**{name: value for name, value in conditions.items() if value is not None})
    return rows.annotate(**NAMES).order_by("-changed_at", "-id")
