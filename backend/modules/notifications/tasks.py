from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.conf import settings

from backend.core import hints, jobs, live
from backend.core.actor import Actor
from backend.core.jobs import Place
from backend.core.recording import Change
from backend.modules.notifications import actions, queries, smtp
from backend.modules.notifications.actions import emails, inbox
from backend.modules.notifications.models import Notification, OutboundEmail, State
from backend.modules.notifications.queries import inbox as inbox_queries

SWEEP = 15.0  # seconds from one look at what is due to the next; a hint is worth nothing after that
MOST_AT_ONCE = 500
SWEPT_AT_ONCE = 200  # in one transaction


@shared_task(ignore_result=True)
def deliver(workspace_id: int, email_id: int) -> None:
    """Send one mail, if it is due and nobody is sending it. Without an SMTP server it waits."""
    if not settings.EMAIL_HOST:
        return
    actor = Actor.system(workspace_id)
    email = actions.claim(actor, email_id)
    if email is None:
        return
    try:
        smtp.deliver(email, queries.files_of(actor, email_id), lease=emails.lease())
    except smtp.Undelivered as problem:
        is_final = isinstance(problem, smtp.Refused)
        actions.settle_unsent(actor, email_id, attempt=email.attempts, reason=str(problem), is_final=is_final)
    else:
        jobs.insist(email, lambda: actions.settle_sent(actor, email_id))


@shared_task(ignore_result=True)
def deliver_due() -> int:
    """Have everything sent that is due, whatever became of the hint to send it; answers how many mails that is."""
    if not settings.EMAIL_HOST:
        return 0
    due = queries.due(limit=MOST_AT_ONCE)
    for each in due:
        hints.give(deliver, *each, expires=SWEEP)
    return len(due)


@shared_task(ignore_result=True)
def sweep_old() -> int:
    """Forget the mails and the notifications that are kept no longer; answers how many that is."""
    return _sweep(queries.old, emails.sweep) + _sweep(inbox_queries.old, inbox.sweep)


def _sweep(find: Callable[..., list[Place]], forget: Callable[..., None]) -> int:
    swept = 0
    while found := find(limit=SWEPT_AT_ONCE):
        for workspace_id in {place.workspace_id for place in found}:
            forget(
                Actor.system(workspace_id), ids=[each.record_id for each in found if each.workspace_id == workspace_id]
            )
        swept += len(found)
    return swept


def hint(actor: Actor, action: str, changes: list[Change]) -> None:
    """After the commit of an action: have the mails sent that it made due."""
    for change in changes:
        if change.model is OutboundEmail and change.new.get("state") == State.DUE and change.workspace_id:
            hints.give(deliver, change.workspace_id, change.record_id, expires=SWEEP)


def tell(actor: Actor, action: str, changes: list[Change]) -> None:
    """After the commit of an action: have the sockets of who was notified know."""
    for change in changes:
        if change.model is Notification and change.kind == "created" and change.workspace_id:
            reader = Actor(change.workspace_id, user_id=change.new["user_id"])
            notification = inbox_queries.get(reader, change.record_id)
            frame = {
                "type": "notification",
                "notification": _told(notification),
                "unread": inbox_queries.count_unread(reader),
            }
            live.tell(change.workspace_id, change.new["user_id"], frame)


def _told(notification: dict[str, Any]) -> dict[str, Any]:
    """As `GET /api/notifications/{id}/` answers it."""
    return {name: value for name, value in notification.items() if name != "version"}
