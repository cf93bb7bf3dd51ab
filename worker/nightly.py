"""What is done once a night for each workspace, after its own midnight: the table is `NIGHTLY` in `schedule.py`.

Each pair of a job and a workspace has a row that says when it is due next. A worker takes it with a lease, so two beats
or two sweeps make one run; one that was killed is due again when its lease is over. A server that was down over several
midnights does the job once, when it is back: a job looks at what is there to do, not at which night it is.
"""

import logging
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from celery import current_app
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from backend.core import due
from backend.core.actor import Actor
from backend.modules.identity import queries as identity
from worker.models import NightlyJob
from worker.schedule import NIGHTLY

LEASE = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT, minutes=5)  # longer than a task may run
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # then it waits for the next night

logger = logging.getLogger(__name__)


def plan() -> None:
    """See that every workspace has a row for every job; a new one is due at the next midnight."""
    there = set(NightlyJob.objects.values_list("workspace_id", "name"))
    missing = [
        NightlyJob(workspace_id=workspace_id, name=name, next_at=next_midnight(zone))
        for workspace_id, zone in identity.time_zones().items()
        for name in NIGHTLY
        if (workspace_id, name) not in there
    ]
    NightlyJob.objects.bulk_create(missing, ignore_conflicts=True)


def waiting(*, limit: int) -> list[tuple[int, str]]:
    """The jobs that are due and that nobody is at, with their names; one that was dropped from the table is none."""
    return list(_free().order_by("next_at").values_list("id", "name")[:limit])


def run(job_id: int) -> bool:
    """Do a job, if it is due and nobody is at it; answers whether it was done."""
    job = _claim(job_id)
    if job is None:
        return False
    try:
        current_app.tasks[NIGHTLY[job.name]["task"]](job.workspace_id)
    except Exception as problem:
        logger.exception("%s failed, in attempt %s", job, job.attempts)
        _settle_failed(job, f"{type(problem).__name__}: {problem}")
        return False
    _settle(job, next_at=_next_night(job), attempts=0, done_at=timezone.now(), last_error="")
    return True


def next_midnight(zone: ZoneInfo) -> datetime:
    """When the next day begins there: where the clocks skip midnight, the first moment after it."""
    here = Actor.system(None, time_zone=zone)
    return here.end_of(here.today).astimezone(UTC)


def watch() -> None:
    """Have the metrics and the doctor show how many jobs are due, stuck, and were given up last night."""
    due.declare(
        "nightly jobs",
        lambda: _free().count(),
        stuck=lambda: _free(timezone.now() - due.LATE).count(),
        failed=lambda: NightlyJob.objects.filter(attempts=0).exclude(last_error="").count(),
    )


def _free(since: datetime | None = None) -> QuerySet[NightlyJob]:
    moment = since or timezone.now()
    unleased = Q(leased_until=None) | Q(leased_until__lte=moment)
    return NightlyJob.objects.filter(unleased, next_at__lte=moment, name__in=NIGHTLY)


def _claim(job_id: int) -> NightlyJob | None:
    """Take the job with one statement, which only one of several at once can do. A try counts when it begins."""
    lease = timezone.now() + LEASE
    if not _free().filter(pk=job_id).update(leased_until=lease, attempts=F("attempts") + 1):
        return None
    job = NightlyJob.objects.get(pk=job_id)
    if job.attempts > len(BACK_OFF) + 1:  # every one of them ended without a word
        _settle(job, next_at=_next_night(job), attempts=0, last_error=job.last_error or "interrupted")
        return None
    return job


def _settle_failed(job: NightlyJob, reason: str) -> None:
    if job.attempts > len(BACK_OFF):
        _settle(job, next_at=_next_night(job), attempts=0, last_error=reason)
    else:
        _settle(job, next_at=timezone.now() + BACK_OFF[job.attempts - 1], last_error=reason)


def _settle(job: NightlyJob, **fields: object) -> None:
    """Nothing changes if the lease ran out and somebody else took the job."""
    mine = NightlyJob.objects.filter(pk=job.pk, attempts=job.attempts, leased_until=job.leased_until)
    mine.update(leased_until=None, **fields)


def _next_night(job: NightlyJob) -> datetime:
    return next_midnight(identity.time_zones()[job.workspace_id])
