"""Reading what a person was told in the application. Each notification is seen by its reader alone."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from backend.core import jobs, listing
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.notifications.models import Notification

FIELDS = ("kind", "title", "text", "subject_kind", "subject_id", "created_at", "read_at", "version")


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """The caller's own; the server itself sees all. Raises `PermissionDenied` for an API key."""
    rows = Notification.objects.of(actor)
    return rows if actor.is_system else rows.filter(user_id=actor.require_user())


def page(actor: Actor, wanted: listing.Window, *, unread: bool | None = None) -> listing.Page:
    """The caller's notifications, the newest first: all, or those (not) read yet. Each with its `subject`, or None."""
    rows = visible_to(actor).order_by("-id")
    if unread is not None:
        rows = rows.filter(read_at__isnull=unread)
    found = listing.page(rows, wanted, count=listing.count_up_to_bound(rows), fields=FIELDS)
    for row in found.rows:
        _name_subject(row)
    return found


def get(actor: Actor, notification_id: int) -> dict[str, Any]:
    """One of them, likewise. Raises `NotFound`."""
    found = visible_to(actor).filter(pk=notification_id).values("id", *FIELDS).first()
    if found is None:
        raise NotFound(record="notification", id=notification_id)
    _name_subject(found)
    return found


def count_unread(actor: Actor) -> int:
    """How many the caller has not read, up to the setting COUNT_BOUND."""
    return listing.count_up_to_bound(visible_to(actor).filter(read_at=None)).rows


def old(*, limit: int) -> list[jobs.Place]:
    """The notifications of all workspaces that are kept no longer, read or not, the oldest first."""
    before = timezone.now() - timedelta(days=settings.MAIL_KEPT_DAYS)
    rows = Notification.across_workspaces.filter(created_at__lt=before).order_by("created_at")
    return [jobs.Place(*row) for row in rows.values_list("workspace_id", "id")[:limit]]


def _name_subject(row: dict[str, Any]) -> None:
    kind, record_id = row.pop("subject_kind"), row.pop("subject_id")
    row["subject"] = {"kind": kind, "id": record_id} if kind else None
