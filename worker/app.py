"""The Celery application. Its settings are the `CELERY_…` lines of `backend/settings.py`."""

import os

from celery import Celery

from worker.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

app = Celery("crisol")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()
# Celery's current application belongs to one thread; a request handled in another one needs a default.
app.set_default()
