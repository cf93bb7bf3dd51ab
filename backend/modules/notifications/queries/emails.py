"""Reading outgoing mail."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, F, When
from django.utils import timezone

from backend.core import jobs, listing, permissions
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.notifications.models import OutboundEmail, OutboundFile, State

RESEND = permissions.declare("emails.resend", "Look at outgoing e-mails and send them again")

FIELDS = ("recipient", "template", "subject", "state", "attempts", "last_error", "created_at", "sent_at", "version")
WAITING = {"next_try": Case(When(state=State.DUE, then=F("next_at")), default=None)}


def page(actor: Actor, wanted: listing.Window, *, state: str | None = None) -> listing.Page:
    """The workspace's outgoing mail, the newest first, without its text."""
    rows = to_export(actor, state)
    return listing.page(rows, wanted, count=listing.count_up_to_bound(rows), fields=(*FIELDS, *WAITING))


def to_export(actor: Actor, state: str | None) -> WorkspaceQuerySet:
    """The same for a file: the fields, and what `WAITING` has."""
    actor.require(RESEND)
    rows = OutboundEmail.objects.of(actor).annotate(**WAITING).order_by("-created_at", "-id")
    return rows if state is None else rows.filter(state=state)


def get(actor: Actor, email_id: int) -> dict[str, Any]:
    """One mail. Raises `NotFound`."""
    actor.require(RESEND)
    found = OutboundEmail.objects.of(actor).filter(pk=email_id).values("id", *FIELDS, **WAITING).first()
    if found is None:
        raise NotFound(record="email", id=email_id)
    return found


def files_of(actor: Actor, email_id: int) -> list[OutboundFile]:
    """What goes out with a mail, in its order."""
    return list(OutboundFile.objects.of(actor).filter(email_id=email_id).order_by("id"))


def due(*, limit: int) -> list[jobs.Place]:
    """The mails of all workspaces that are to be sent now and that nobody is sending, the longest waiting first."""
    return jobs.places(OutboundEmail, limit=limit)


def old(*, limit: int) -> list[jobs.Place]:
    """The mails of all workspaces that were sent or have failed and are kept no longer, the oldest first."""
    before = timezone.now() - timedelta(days=settings.MAIL_KEPT_DAYS)
    rows = OutboundEmail.across_workspaces.filter(created_at__lt=before).exclude(state=State.DUE)
    return [jobs.Place(*row) for row in rows.order_by("created_at").values_list("workspace_id", "id")[:limit]]
