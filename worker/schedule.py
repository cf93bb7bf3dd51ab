"""What happens by the clock: the one table that beat reads. Times of day are UTC."""

from celery.schedules import crontab

MINUTE = 60.0  # intervals are in seconds
HOUR = 60 * MINUTE

SCHEDULE = {
    "deliver due mail": {
        "task": "backend.modules.notifications.tasks.deliver_due",
        "schedule": 15.0,
        "options": {"expires": 15.0},  # sweeps that no worker was there for don't pile up
    },
    "heartbeat": {
        "task": "backend.monitoring.tasks.heartbeat",
        "schedule": 15.0,
        "options": {"expires": 60},  # a worker that comes back has no use for old ones
    },
    "compact tallies": {
        "task": "backend.core.tasks.compact_tallies",
        "schedule": MINUTE,
    },
    "forget old idempotency keys": {
        "task": "backend.core.tasks.forget_old_idempotency_keys",
        "schedule": HOUR,
    },
    "sweep attachments": {
        "task": "backend.modules.attachments.tasks.sweep_attachments",
        "schedule": HOUR,
    },
    "flush expired tokens": {
        "task": "backend.modules.identity.tasks.flush_expired_tokens",
        "schedule": crontab(hour=3, minute=15),
    },
}
