"""What happens by the clock: the table that beat reads, in UTC, and what is done after each workspace's midnight."""

from celery.schedules import crontab

MINUTE = 60.0  # intervals are in seconds
HOUR = 60 * MINUTE

SCHEDULE = {
    "deliver due mail": {
        "task": "backend.modules.notifications.tasks.deliver_due",
        "schedule": 15.0,
        "options": {"expires": 15.0},  # sweeps that no worker was there for don't pile up
    },
    "sweep old mails and notifications": {
        "task": "backend.modules.notifications.tasks.sweep_old",
        "schedule": HOUR,
    },
    "answer recoveries": {
        "task": "backend.modules.identity.tasks.answer_recoveries",
        "schedule": 15.0,
        "options": {"expires": 15.0},
    },
    "write due exports": {
        "task": "backend.modules.exchange.tasks.write_due",
        "schedule": 15.0,
        "options": {"expires": 15.0},
    },
    "sweep exports": {
        "task": "backend.modules.exchange.tasks.sweep_exports",
        "schedule": HOUR,
    },
    "send due reports": {
        "task": "backend.modules.scheduling.tasks.send_due",
        "schedule": 15.0,
        "options": {"expires": 15.0},
    },
    "tell of contracts": {
        "task": "backend.modules.contracts.tasks.tell_due",
        "schedule": MINUTE,
        "options": {"expires": MINUTE},
    },
    "run due nightly jobs": {
        "task": "worker.tasks.run_due_nightly_jobs",
        "schedule": 30.0,
        "options": {"expires": 30.0},
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

# Each task takes the id of a workspace, may be run twice without harm, and does what is there to do (see `nightly.py`).
NIGHTLY: dict[str, dict[str, str]] = {
    "rebuild figures": {"task": "backend.modules.reports.tasks.rebuild_figures", "queue": "reports"},
    "begin the day of contracts": {"task": "backend.modules.contracts.tasks.begin_day", "queue": "default"},
}
