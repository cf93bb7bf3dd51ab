"""Reading subscriptions and their runs. Each is seen by who subscribed alone."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from backend.core import jobs, listing
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.scheduling import catalogue
from backend.modules.scheduling.catalogue import Report
from backend.modules.scheduling.models import ReportRun, ReportSubscription, State
from backend.modules.scheduling.slots import Cadence, Every

FIELDS = (
    "report",
    "parameters",
    "every",
    "weekday",
    "day_of_month",
    "at",
    "time_zone",
    "next_at",
    "is_active",
    "paused_reason",
    "created_at",
    "version",
)
RUN_FIELDS = (
    "slot",
    "as_of",
    "skipped",
    "state",
    "attempts",
    "last_error",
    "leased_until",
    "created_at",
    "finished_at",
    "version",
)


def reports(actor: Actor) -> list[Report]:
    """What people can subscribe to. Raises `PermissionDenied` for an API key."""
    actor.require_user()
    return list(catalogue.REPORTS.values())


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """The caller's own subscriptions. Raises `PermissionDenied` for an API key."""
    return ReportSubscription.objects.of(actor).filter(user=actor.require_user())


def page(actor: Actor, wanted: listing.Window) -> listing.Page:
    """The caller's subscriptions, the newest first."""
    rows = visible_to(actor).order_by("-created_at", "-id")
    found = listing.page(rows, wanted, count=listing.count_up_to_bound(rows), fields=FIELDS)
    found.rows[:] = [_with_next_slot(row) for row in found.rows]
    return found


def get(actor: Actor, subscription_id: int) -> dict[str, Any]:
    """Raises `NotFound`."""
    row = visible_to(actor).filter(pk=subscription_id).values("id", *FIELDS).first()
    if row is None:
        raise NotFound(record="reportsubscription", id=subscription_id)
    return _with_next_slot(row)


def runs(actor: Actor, subscription_id: int, wanted: listing.Window) -> listing.Page:
    """The runs of one of the caller's subscriptions, the newest first, each with its `status`. Raises `NotFound`."""
    get(actor, subscription_id)
    rows = ReportRun.objects.of(actor).filter(subscription=subscription_id).order_by("-created_at", "-id")
    found = listing.page(rows, wanted, count=listing.count_up_to_bound(rows), fields=RUN_FIELDS)
    for row in found.rows:
        row["status"] = _status(row)
    return found


def run(actor: Actor, run_id: int) -> dict[str, Any]:
    """A run of one of the caller's subscriptions. Raises `NotFound`."""
    mine = ReportRun.objects.of(actor).filter(pk=run_id, subscription__user=actor.require_user())
    row = mine.values("id", *RUN_FIELDS).first()
    if row is None:
        raise NotFound(record="reportrun", id=run_id)
    return row | {"status": _status(row)}


def cadence(subscription: ReportSubscription) -> Cadence:
    """When it is due. Raises `ZoneInfoNotFoundError` for a time zone that this machine does not know any more."""
    return Cadence(
        Every(subscription.every),
        subscription.at,
        ZoneInfo(subscription.time_zone),
        subscription.weekday,
        subscription.day_of_month,
    )


def due_subscriptions(*, limit: int) -> list[jobs.Place]:
    """The subscriptions of all workspaces with a slot that has come, the longest waiting first."""
    due = ReportSubscription.across_workspaces.filter(is_active=True, next_at__lte=timezone.now())
    return [jobs.Place(*row) for row in due.order_by("next_at", "id").values_list("workspace_id", "id")[:limit]]


def due_runs(*, limit: int) -> list[jobs.Place]:
    """The runs of all workspaces to be made now that nobody is at, the longest waiting first."""
    return jobs.places(ReportRun, limit=limit)


def count_due_slots(*, late: timedelta = timedelta(0)) -> int:
    """How many subscriptions of all workspaces have a slot that came so long ago or longer, and no run for it."""
    due = ReportSubscription.across_workspaces.filter(is_active=True, next_at__lte=timezone.now() - late)
    return due.count()


def _with_next_slot(row: dict[str, Any]) -> dict[str, Any]:
    """The same, with `next_slot`: None while it is paused."""
    return row | {"next_slot": row["next_at"] if row["is_active"] else None}


def _status(row: dict[str, Any]) -> str:
    """`waiting`, `running`, `done` or `failed`."""
    is_running = row["leased_until"] is not None and row["leased_until"] > timezone.now()
    return ("running" if is_running else "waiting") if row["state"] == State.DUE else row["state"]
