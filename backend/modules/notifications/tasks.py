from celery import shared_task
from django.conf import settings

from backend.core import hints
from backend.core.actor import Actor
from backend.core.recording import Change
from backend.modules.notifications import actions, queries, smtp
from backend.modules.notifications.models import OutboundEmail, State

SWEEP = 15.0  # seconds from one look at what is due to the next; a hint is worth nothing after that
MOST_AT_ONCE = 500


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
        smtp.deliver(email)
    except smtp.Undelivered as problem:
        is_final = isinstance(problem, smtp.Refused)
        actions.settle_unsent(actor, email_id, attempt=email.attempts, reason=str(problem), is_final=is_final)
    else:
        actions.settle_sent(actor, email_id)


@shared_task(ignore_result=True)
def deliver_due() -> int:
    """Have everything sent that is due, whatever became of the hint to send it; answers how many mails that is."""
    if not settings.EMAIL_HOST:
        return 0
    due = queries.due(limit=MOST_AT_ONCE)
    for each in due:
        hints.give(deliver, *each, expires=SWEEP)
    return len(due)


def hint(actor: Actor, action: str, changes: list[Change]) -> None:
    """After the commit of an action: have the mails sent that it made due."""
    for change in changes:
        if change.model is OutboundEmail and change.new.get("state") == State.DUE and change.workspace_id:
            hints.give(deliver, change.workspace_id, change.record_id, expires=SWEEP)
