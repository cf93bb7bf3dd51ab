"""What is done with contracts by the clock."""

import logging

from celery import shared_task

from backend.core import hints
from backend.core.actor import Actor
from backend.modules.contracts import alerts
from backend.modules.contracts.actions import alerts as telling
from backend.modules.contracts.actions import clock
from backend.modules.contracts.alerts import Alert
from backend.modules.identity import queries as identity

SWEEP = 60.0  # seconds from one look at who is to be told to the next

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def begin_day(workspace_id: int) -> None:
    """Expire the contracts that have ended, after their last payments have become late."""
    here = identity.system_actor(workspace_id)
    for settle in (clock.note_late, clock.expire):
        while settle(here) == clock.AT_ONCE:
            continue


@shared_task(ignore_result=True)
def tell_due() -> int:
    """Have every workspace told whose time for alerts has come; answers how many those are."""
    due = alerts.due_workspaces()
    for workspace_id in due:
        hints.give(tell_workspace, workspace_id, expires=SWEEP)
    return len(due)


@shared_task(ignore_result=True)
def tell_workspace(workspace_id: int) -> None:
    """Tell a workspace's people what is to be told today, and what was missed. One failure leaves the day open."""
    here = identity.system_actor(workspace_id)
    span = alerts.due_span(here)
    if span is None:
        return
    failed = [alert for alert in alerts.untold(here, span) if not _tell(here, alert)]
    if not failed:
        telling.settle(here, day=span.last)


def _tell(here: Actor, alert: Alert) -> bool:
    """Whether it is told. What is wrong with one contract keeps nobody from hearing of the others."""
    try:
        telling.tell(here, alert=alert)
    except Exception:
        logger.exception("Nobody could be told of contract %s", alert.contract_id)
        return False
    return True
