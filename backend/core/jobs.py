"""Jobs: rows that order something of the worker. The row is the truth; a task of the broker is a hint to look at it.

    class Export(Job):
        state = CharField(choices=State, default=State.DUE)
        …
        class Meta(Job.Meta): …

A worker takes a job by writing a lease into its row, and until that ends no other one takes it. What a killed worker
had begun is due again when its lease is over. An attempt is counted when it begins: so a job that kills its workers
ends, too.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Timer
from typing import ClassVar, NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, connections, models
from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.core import due
from backend.core.tenancy import WorkspaceModel

AWAY = 0.5  # seconds until a database that was away is asked again
PART_OF_THE_TIME = 0.9  # that an attempt may take: of its lease, or of what a task has; the rest is for its end
OUT_OF_TIME = "out_of_time"  # why an attempt failed that took longer

logger = logging.getLogger(__name__)


class Job(WorkspaceModel):
    """A subclass says what is ordered, and which states there are beside `due` and `failed`."""

    DUE: ClassVar[str] = "due"
    FAILED: ClassVar[str] = "failed"
    # The ledger has that a job was ordered and how it ended; trying it is no event of the business.
    unrecorded = frozenset({"attempts", "next_at", "leased_until", "last_error"})

    state = models.CharField(max_length=10, default=DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta(WorkspaceModel.Meta):
        abstract = True

    @property
    def is_free(self) -> bool:
        """Whether it is to be done now, and nobody is at it."""
        now = timezone.now()
        return self.state == self.DUE and self.next_at <= now and (self.leased_until or now) <= now

    def begin(self, *, lease: timedelta) -> None:
        """Count an attempt, and keep others away for so long."""
        self.attempts += 1
        self.leased_until = timezone.now() + lease

    def is_at(self, attempt: int) -> bool:
        """Whether the attempt of this number has neither ended nor been given up, nor another one begun."""
        return self.state == self.DUE and self.attempts == attempt and self.leased_until is not None

    def try_again(self, *, wait: timedelta, reason: str) -> None:
        self.leased_until, self.last_error = None, reason
        self.next_at = timezone.now() + wait


def insist(job: Job, write: Callable[[], None]) -> None:
    """Write down what can't be undone any more, also where the database is away for a moment.

    Until the end of the job's lease: whoever takes it next would do it a second time. Raises what `write` does.
    """
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if job.leased_until is None or job.leased_until <= timezone.now():
                raise
            connection.close_if_unusable_or_obsolete()
            time.sleep(AWAY)


@contextmanager
def limited(run_out: Callable[[], object], *, lease: timedelta | None = None) -> Iterator[None]:
    """Within it is an attempt. If it takes too long, `run_out` is called by another thread: its own may hang.

    Too long is nearly as long as the lease of a job that does not renew it, and as a task may run at all. `run_out`
    has the attempt fail, or what it waits for answer; a thread that hangs on ends with its process.
    """
    most = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT)
    seconds = min(most, lease or most).total_seconds() * PART_OF_THE_TIME
    timer = Timer(seconds, _run_out, [run_out])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _run_out(run_out: Callable[[], object]) -> None:
    try:
        run_out()
    except Exception:
        logger.exception("An attempt that is out of time can't be ended; its lease will")
    finally:
        connections.close_all()  # this thread's own


class Place(NamedTuple):
    """Where a job is."""

    workspace_id: int
    record_id: int


def places(kind: type[Job], *, limit: int) -> list[Place]:
    """The jobs of all workspaces that are to be done now and that nobody is at, the longest waiting first."""
    rows = _free(kind).order_by("next_at", "id")
    return [Place(*row) for row in rows.values_list("workspace_id", "id")[:limit]]


def watch(name: str, kind: type[Job]) -> None:
    """Have the metrics and the doctor show how many jobs of a kind are due, stuck and failed."""
    due.declare(
        name,
        lambda: _free(kind).count(),
        stuck=lambda: _free(kind, timezone.now() - due.LATE).count(),
        failed=lambda: kind.across_workspaces.filter(state=Job.FAILED).count(),
    )


def _free(kind: type[Job], since: datetime | None = None) -> QuerySet:
    """The jobs to be done that nobody has been at since then, or is at now."""
    moment = since or timezone.now()
    unleased = Q(leased_until=None) | Q(leased_until__lte=moment)
    return kind.across_workspaces.filter(unleased, state=Job.DUE, next_at__lte=moment)
