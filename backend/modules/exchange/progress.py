"""How far one export is: noted and told every second while it is written, which keeps its lease, or says to stop."""

import logging
from threading import Event, Thread
from typing import Self

from django.db import DatabaseError, InterfaceError, connections

from backend.core.actor import Actor
from backend.modules.exchange import actions, telling
from backend.modules.exchange.models import Export

TICK = 1.0  # seconds

logger = logging.getLogger(__name__)


class Progress:
    """While it is open a thread of its own notes how far it is: the writer's connection is busy reading the rows."""

    def __init__(self, here: Actor, export: Export) -> None:
        self.here, self.export, self.done = here, export, 0
        self.total: int | None = None  # not counted yet
        self.is_overtaken = False
        self._ended = Event()
        self._thread = Thread(target=self._keep_noting, name=f"export-{export.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._ended.set()
        self._thread.join()

    def expect(self, total: int) -> None:
        """So many rows there are, as far as is known. Raises `Overtaken`."""
        self.total = total
        self._note()

    def stop(self) -> None:
        """Keep the lease no longer; the writer ends at its next step."""
        self.is_overtaken = True
        self._ended.set()

    def add(self, rows: int) -> None:
        """So many rows more are written. Raises `Overtaken`."""
        self.done += rows
        if self.is_overtaken:
            raise actions.Overtaken

    def _keep_noting(self) -> None:
        try:
            while not self._ended.wait(TICK):
                self._note_if_possible()
        except actions.Overtaken:
            self.is_overtaken = True
        finally:
            connections.close_all()  # this thread's own

    def _note_if_possible(self) -> None:
        """A database that is away for a moment costs the lease at worst."""
        try:
            self._note()
        except (DatabaseError, InterfaceError) as problem:
            logger.warning("The progress of export %s can't be noted: %s", self.export.pk, problem)
            connections.close_all()

    def _note(self) -> None:
        done = self.done
        total = None if self.total is None else max(self.total, done)
        number, attempt = self.export.pk, self.export.attempts
        actions.note_progress(self.here, number, attempt=attempt, rows_done=done, rows_total=total)
        if total is not None:
            telling.tell_progress(self.export, rows_done=done, rows_total=total)
