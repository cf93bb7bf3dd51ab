"""Settings of a server on which exports as a book hang for ever, and on which a task soon has run for too long."""

from threading import Event

from django.apps import AppConfig

from backend.settings import *  # noqa: F403
from backend.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.worker.hanging.Hanging"]
CELERY_TASK_TIME_LIMIT = 30


class Hanging(AppConfig):
    name = "tests.worker.hanging"
    label = "hanging"

    def ready(self) -> None:
        from datetime import timedelta

        from backend.modules.exchange import actions, formats

        formats.WRITERS["xlsx"] = hang
        actions.MOST_ATTEMPTS, actions.BACK_OFF, actions.LEASE = 2, [timedelta(0)], timedelta(seconds=20)


def hang(*args) -> None:
    """As foreign code does that waits for what never comes."""
    Event().wait()
