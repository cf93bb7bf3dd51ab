from celery import shared_task

from backend.core import hints
from worker import nightly
from worker.schedule import NIGHTLY

SWEEP = 30.0  # seconds from one look at what is due to the next
MOST_AT_ONCE = 500


@shared_task(ignore_result=True)
def run_due_nightly_jobs() -> int:
    """Have every nightly job run that is due; answers how many that is."""
    nightly.plan()
    waiting = nightly.waiting(limit=MOST_AT_ONCE)
    for job_id, name in waiting:
        hints.give(run_nightly_job, job_id, expires=SWEEP, queue=NIGHTLY[name]["queue"])
    return len(waiting)


@shared_task(ignore_result=True)
def run_nightly_job(job_id: int) -> None:
    """Run one nightly job, if it is due and nobody is at it."""
    nightly.run(job_id)
