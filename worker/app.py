"""The Celery application. Its settings are the `CELERY_…` lines of `backend/settings.py`."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from worker import limits  # noqa: F401 - it listens to Celery's signals
from worker.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

app = Celery("crisol")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()
# Celery's current application belongs to one thread; a request handled in another one needs a default.
app.set_default()


@worker_init.connect
def know_every_list(**kwargs: Any) -> None:
    """The routers say which lists can be exported, and in which columns."""
    import backend.api  # noqa: F401
