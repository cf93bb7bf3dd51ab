"""Telling a worker that something is due. The row is the truth: a hint that is lost costs time, until the next sweep.

So a broker that does not answer neither fails a request nor makes it wait again and again.
"""

import logging
import time
from typing import Any

from celery import Task
from kombu.exceptions import OperationalError

QUIET = 15.0  # seconds in which nobody asks a broker again that has just not answered

logger = logging.getLogger(__name__)
_silent_until = 0.0


def give(task: Task, *args: Any, expires: float | None = None, queue: str | None = None) -> None:
    """Have the task run soon, if the broker answers. After `expires` seconds in the queue it is dropped.

    `queue`: another one than the task's own.
    """
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        task.apply_async(args, retry=False, expires=expires, queue=queue)
    except OperationalError as problem:
        _silent_until = time.monotonic() + QUIET
        logger.warning("The broker does not answer, so %s waits for its sweep: %s", task.name, problem)
