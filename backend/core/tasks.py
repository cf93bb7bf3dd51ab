from celery import shared_task

from backend.core import idempotency, tally


@shared_task
def compact_tallies() -> int:
    """Keep the running totals short."""
    return tally.compact()


@shared_task
def forget_old_idempotency_keys() -> int:
    """Drop stored answers that nobody may ask for any more."""
    return idempotency.forget_old()
