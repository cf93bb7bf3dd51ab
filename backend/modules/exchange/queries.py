"""Reading exports. Each is seen by who asked for it alone."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from backend.core import jobs, listing
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.attachments import queries as attachments
from backend.modules.exchange import sources
from backend.modules.exchange.models import Export, State
from backend.modules.exchange.sources import Source

SUBJECT = "export"  # what its file is attached to
LINK_HOLDS_FOR = timedelta(minutes=10)
FIELDS = (
    "source",
    "filters",
    "format",
    "state",
    "rows_done",
    "rows_total",
    "last_error",
    "leased_until",
    "created_at",
    "finished_at",
    "expires_at",
    "version",
)


def choices(actor: Actor) -> list[Source]:
    """The lists that people can export. Raises `PermissionDenied` for an API key."""
    actor.require_user()
    return [sources.named(name) for name in sources.names()]


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """The exports that the caller asked for; the server itself sees all."""
    rows = Export.objects.of(actor)
    return rows if actor.is_system else rows.filter(requested_by=actor.require_user())


def exists(actor: Actor, export_id: int) -> bool:
    return visible_to(actor).filter(pk=export_id).exists()


def page(actor: Actor, wanted: listing.Window) -> listing.Page:
    """The caller's exports, the newest first, each with its `status`."""
    rows = visible_to(actor).order_by("-created_at", "-id")
    found = listing.page(rows, wanted, count=listing.count_up_to_bound(rows), fields=FIELDS)
    for row in found.rows:
        row["status"] = _status(row)
    return found


def get(actor: Actor, export_id: int) -> dict[str, Any]:
    """One of them, with the `address` where its file can be had for ten minutes, if there is one. Raises `NotFound`."""
    row = visible_to(actor).filter(pk=export_id).values("id", *FIELDS).first()
    if row is None:
        raise NotFound(record="export", id=export_id)
    found = address(actor, export_id, lifetime=LINK_HOLDS_FOR) if row["state"] == State.DONE else None
    return row | {"status": _status(row), "address": found}


def address(actor: Actor, export_id: int, *, lifetime: timedelta) -> str | None:
    """Where the file of an export can be had for so long; one of this server begins with `/`."""
    return attachments.address_of(actor, SUBJECT, export_id, lifetime=lifetime)


def due(*, limit: int) -> list[jobs.Place]:
    """The exports of all workspaces to be written now that nobody is writing, the longest waiting first."""
    return jobs.places(Export, limit=limit)


def expired(*, limit: int) -> list[jobs.Place]:
    """The exports of all workspaces whose time is over."""
    rows = Export.across_workspaces.filter(expires_at__lte=timezone.now()).order_by("expires_at")
    return [jobs.Place(*row) for row in rows.values_list("workspace_id", "id")[:limit]]


def _status(row: dict[str, Any]) -> str:
    """`waiting`, `running`, `done`, `failed` or `cancelled`."""
    is_running = row["leased_until"] is not None and row["leased_until"] > timezone.now()
    return ("running" if is_running else "waiting") if row["state"] == State.DUE else row["state"]
