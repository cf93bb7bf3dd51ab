"""Whether the parts that this server depends on answer, found out in bounded time.

`report()` names them all: `{"db": "up", "redis": "up", "worker": "down", "storage": "up"}`. A module that stands above
decides on a part by `check("storage", bucket_answers)`.
"""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from threading import Event, Lock, Thread
from typing import Literal

from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from backend.monitoring import broker

logger = logging.getLogger(__name__)
SECONDS = 1.0  # what has not answered by then is down
UP: Literal["up"] = "up"
DOWN: Literal["down"] = "down"
State = Literal["up", "down"]


class Down(Exception):
    """A part answers, but not as it should; the text says what is wrong."""


class Check:
    """One part. It is asked at most once at a time: who asks meanwhile shares the answer, and a part that hangs holds
    one thread, however many probes there are."""

    def __init__(self, name: str, ask: Callable[[], None]) -> None:
        self.name, self.ask = name, ask
        self.lock, self.done = Lock(), Event()
        self.started = 0.0
        self.is_up = self.was_up = True
        self.done.set()

    def start(self) -> None:
        with self.lock:
            if self.done.is_set():
                self.done.clear()
                self.started = time.monotonic()
                try:
                    Thread(target=self._run, name=f"health-{self.name}", daemon=True).start()
                except RuntimeError:  # no thread to be had: the next one asks again
                    self.done.set()
                    raise

    def answer(self) -> State:
        """The state once it is known, or `down` when the time is over."""
        in_time = self.done.wait(max(0.0, self.started + SECONDS - time.monotonic()))
        return UP if in_time and self.is_up else DOWN

    def _run(self) -> None:
        try:
            self.ask()
            self.is_up = True
        except Exception as problem:  # noqa: BLE001 - whatever it raises, the part is down, and the log says why
            self.is_up = False
            if self.was_up:  # once, not with each probe
                logger.warning("%s is down: %s: %s", self.name, type(problem).__name__, problem)
        finally:
            self.was_up = self.is_up
            connections.close_all()  # this thread's own
            self.done.set()


def ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def ask_worker() -> None:
    if not broker.has_beaten():
        raise Down(f"no heartbeat within {broker.HEARTBEAT_SECONDS} s: beat, the worker or both stand still")


def ask_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Down("there are some to apply: run manage.py migrate")
    _migrated.set()  # they stay applied


_checks: dict[str, Check] = {}
_migrations = Check("migrations", ask_migrations)
_migrated = Event()


def check(name: str, ask: Callable[[], None]) -> None:
    """Have `ask()` decide on a part of this name, instead of whatever did so far.

    It raises when the part does not answer, and runs in a thread of its own; a database connection that it opens is
    closed for it. Call this from the module's `AppConfig.ready`.
    """
    _checks[name] = Check(name, ask)


check("db", ask_database)
check("redis", broker.ping)
check("worker", ask_worker)


def report() -> dict[str, State]:
    """Every part as `up` or `down`, after a second at most."""
    checks = list(_checks.values())
    for each in checks:
        each.start()
    return {each.name: each.answer() for each in checks}


def status(report: dict[str, State]) -> HTTPStatus:
    """503 when the database is down: without it nothing can be answered. Without the others much can."""
    return HTTPStatus.SERVICE_UNAVAILABLE if report["db"] == DOWN else HTTPStatus.OK


def readiness() -> dict[str, State]:
    """Whether requests can be answered: the database, and whether its tables are this version's."""
    if not _migrated.is_set():
        _migrations.start()
        _migrations.answer()
    _checks["db"].start()
    return {"db": _checks["db"].answer(), "migrations": UP if _migrated.is_set() else DOWN}
