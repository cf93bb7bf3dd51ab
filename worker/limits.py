"""Ending what a task does not end itself: no thread can be stopped, so its process ends, and is started again.

Celery's `task_time_limit` is for pools of processes, of which it kills the one. Where tasks run in the worker's own
process (`make run` has threads) this watches them. The supervisor starts the worker anew; what its tasks were at is
due again when the lease is over, and an attempt was counted when it began, so what hangs every time ends failed.
"""

import faulthandler
import logging
import os
import sys
import threading
import time
import traceback
from typing import Any, NamedTuple

from celery import Task
from celery.signals import task_postrun, task_prerun, worker_ready

TICK = 1.0  # seconds from one look to the next
SILENCE = 300.0  # seconds after which a process in which no thread gets its turn ends, as by code that keeps the lock
EXIT_STATUS = 70  # EX_SOFTWARE
STDERR = 2  # Celery has put something else into `sys.stderr`

logger = logging.getLogger(__name__)


class Running(NamedTuple):
    """A task that a thread is at, since a moment of the monotonic clock."""

    name: str
    arguments: tuple[Any, ...]
    since: float


_running: dict[int, Running] = {}  # by thread


@task_prerun.connect
def begin(task: Task, args: Any, **kwargs: Any) -> None:
    _running[threading.get_ident()] = Running(task.name, tuple(args), time.monotonic())


@task_postrun.connect
def end(**kwargs: Any) -> None:
    _running.pop(threading.get_ident(), None)


@worker_ready.connect
def watch_threads(sender: Any, **kwargs: Any) -> None:
    """`sender` is the worker's consumer."""
    from celery.concurrency.prefork import TaskPool as Processes  # every process of Django imports this module

    limit = sender.app.conf.task_time_limit
    if limit and not isinstance(sender.pool, Processes):
        threading.Thread(target=keep_watching, args=[limit], name="limits", daemon=True).start()


def keep_watching(limit: float, *, silence: float = SILENCE) -> None:
    """End the process once a task runs for longer than so many seconds, or this thread gets no turn for so long."""
    while True:
        faulthandler.dump_traceback_later(silence, exit=True, file=STDERR)
        for thread, task in list(_running.items()):
            if time.monotonic() - task.since > limit:
                end_process(thread, task, limit)
        time.sleep(TICK)


def end_process(thread: int, task: Running, limit: float) -> None:
    frame = sys._current_frames().get(thread)
    logger.critical(
        "%s%s runs for more than %s seconds: the worker ends, to be started again. It is at\n%s",
        task.name,
        task.arguments,
        limit,
        "".join(traceback.format_stack(frame)) if frame else "nothing",
    )
    os._exit(EXIT_STATUS)
