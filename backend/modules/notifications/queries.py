"""Reading outgoing mail."""

from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.modules.notifications.models import OutboundEmail, State


class Due(NamedTuple):
    workspace_id: int
    email_id: int


def _due() -> QuerySet[OutboundEmail]:
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    return OutboundEmail.across_workspaces.filter(free, state=State.DUE, next_at__lte=now)


def due(*, limit: int) -> list[Due]:
    """The mails of all workspaces that are to be sent now and that nobody is sending, the longest waiting first."""
    rows = _due().order_by("next_at", "id")
    return [Due(*row) for row in rows.values_list("workspace_id", "id")[:limit]]


def count_due() -> int:
    """How many mails of all workspaces that is."""
    return _due().count()
