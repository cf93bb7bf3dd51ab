from celery import shared_task
from ninja_jwt.token_blacklist.management.commands.flushexpiredtokens import Command

from backend.core import hints
from backend.modules.identity import queries
from backend.modules.identity.actions import passwords

SWEEP = 15.0  # seconds from one look at the recoveries that wait to the next
MOST_AT_ONCE = 500


@shared_task
def flush_expired_tokens() -> None:
    """Drop refresh tokens that have expired: they are refused by their date anyway."""
    Command().handle()


@shared_task(ignore_result=True)
def answer_recovery(request_id: int) -> None:
    """Write the mail for who asked for a new password, if there is somebody of this address."""
    passwords.answer_recovery(request_id)


@shared_task(ignore_result=True)
def answer_recoveries() -> int:
    """Answer whoever still waits, whatever became of the hint; answers how many there are."""
    passwords.forget_old_requests()
    waiting = queries.waiting_recoveries(limit=MOST_AT_ONCE)
    for request_id in waiting:
        hints.give(answer_recovery, request_id, expires=SWEEP)
    return len(waiting)


def answer_recovery_soon(request_id: int) -> None:
    """Tell a worker that somebody waits."""
    hints.give(answer_recovery, request_id, expires=SWEEP)
