"""The worker's application as it is, but that one export is poisoned.

The installation's worker and beats are started with `celery -A tests.faults.poisoned`. An export of companies whose
search is `KILLS` kills the process that writes it, as a library that crashes would.
"""

import os
import signal
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from celery.signals import worker_init
from django.db.models import QuerySet

from backend.core.actor import Actor
from worker.app import app  # noqa: F401 - what celery looks for

SOURCE, KILLS = "sales.empresas", "this one kills"


@worker_init.connect
def poison(**kwargs: Any) -> None:
    from backend.modules.exchange import sources

    healthy = sources.named(SOURCE)

    def open_poisoned(actor: Actor, filters: Mapping[str, Any]) -> QuerySet:
        if filters.get("search") == KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        return healthy.open(actor, filters)

    sources.declare(replace(healthy, open=open_poisoned))
