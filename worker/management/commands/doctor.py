"""`manage.py doctor`: what is down, what waits, what is stuck, what has failed (docs/operations.md, "The doctor")."""

import sys
from collections.abc import Iterator
from typing import Any

from django.core.management import BaseCommand
from django.db import DatabaseError, InterfaceError
from redis import RedisError

from backend.core import due
from backend.monitoring import broker, health

Line = tuple[str, str, bool]  # what, how it is, whether that is well


class Command(BaseCommand):
    help = "Say whether every part answers, and what is due, stuck or failed. Exit status 1 if something is wrong."
    requires_system_checks = ()  # it is asked when things are broken

    def handle(self, *args: Any, **options: Any) -> None:
        lines = [*parts(), *queues(), *rows()]
        width = max(len(what) for what, _, _ in lines)
        for what, state, is_well in lines:
            style = self.style.SUCCESS if is_well else self.style.ERROR
            self.stdout.write(f"{what:{width}}  {style(state)}")
        if not all(is_well for _, _, is_well in lines):
            sys.exit(1)


def parts() -> Iterator[Line]:
    for name, state in (health.report() | health.readiness()).items():
        yield name, state, state == health.UP


def queues() -> Iterator[Line]:
    try:
        for name, waiting in broker.waiting().items():
            yield f"queue {name}", f"{waiting} waiting", True
    except RedisError as problem:
        yield "queues", f"unknown: {problem}", False


def rows() -> Iterator[Line]:
    """What failed for good needs somebody to look, but the server is well; what is stuck it is not."""
    try:
        for kind, found in due.figures().items():
            yield kind, f"{found.due} due, {found.stuck} stuck, {found.failed} failed", not found.stuck
    except (DatabaseError, InterfaceError) as problem:
        yield "due rows", f"unknown: {problem}", False
