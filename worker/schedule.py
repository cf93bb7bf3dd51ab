"""What happens by the clock: the one table that beat reads. Times of day are UTC."""

from celery.schedules import crontab

MINUTE = 60.0  # intervals are in seconds
HOUR = 60 * MINUTE

SCHEDULE = {
    "compact tallies": {
        "task": "backend.core.tasks.compact_tallies",
        "schedule": MINUTE,
    },
    "forget old idempotency keys": {
        "task": "backend.core.tasks.forget_old_idempotency_keys",
        "schedule": HOUR,
    },
    "flush expired tokens": {
        "task": "backend.modules.identity.tasks.flush_expired_tokens",
        "schedule": crontab(hour=3, minute=15),
    },
}
