"""What is done after each workspace's midnight, by a clock that the test sets."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from celery import shared_task
from django.utils import timezone

from backend.core import due, hints
from tests import people
from tests.test_parallel import at_once
from worker import nightly, tasks
from worker.models import NightlyJob
from worker.schedule import NIGHTLY

EVENING = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)  # 18:00 in Lima
LIMA_MIDNIGHT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
done: list[int] = []


@shared_task(name="tests.note_night")
def note_night(workspace_id: int) -> None:
    done.append(workspace_id)


@shared_task(name="tests.fail_at_night")
def fail_at_night(workspace_id: int) -> None:
    raise RuntimeError("the moon is full")


@pytest.fixture
def clock(monkeypatch):
    """Sets the time that it is."""

    def set_to(moment: datetime) -> datetime:
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    set_to(EVENING)
    return set_to


@pytest.fixture
def jobs(monkeypatch, clock):
    """One job in the table; hints reach a worker at once."""
    done.clear()
    for name in list(NIGHTLY):
        monkeypatch.delitem(NIGHTLY, name)
    monkeypatch.setitem(NIGHTLY, "note", {"task": note_night.name, "queue": "reports"})
    monkeypatch.setattr(hints, "give", lambda task, *args, expires=None, queue=None: task(*args))
    return NIGHTLY


def night(clock, moment: datetime) -> None:
    clock(moment)
    tasks.run_due_nightly_jobs()


@pytest.mark.django_db
class TestANight:
    def test_is_each_workspaces_own(self, alice, stranger, jobs, clock):
        stranger.workspace.time_zone = "Europe/Madrid"
        people.writing(stranger.workspace.pk, stranger.workspace.save)
        night(clock, EVENING - timedelta(hours=1))  # 23:00 in Madrid
        assert done == []
        night(clock, EVENING)
        assert done == [stranger.workspace.pk]
        night(clock, LIMA_MIDNIGHT - timedelta(seconds=1))
        assert done == [stranger.workspace.pk]
        night(clock, LIMA_MIDNIGHT)
        assert done == [stranger.workspace.pk, alice.workspace.pk]

    def test_comes_once_however_often_it_is_asked_for(self, alice, jobs, clock):
        night(clock, EVENING)
        for minute in range(5):
            night(clock, LIMA_MIDNIGHT + timedelta(minutes=minute))
        assert done == [alice.workspace.pk]

    def test_that_passed_without_a_worker_is_caught_up_once(self, alice, jobs, clock):
        night(clock, EVENING)
        night(clock, LIMA_MIDNIGHT + timedelta(days=3, hours=9))
        assert done == [alice.workspace.pk]
        night(clock, LIMA_MIDNIGHT + timedelta(days=4))
        assert done == [alice.workspace.pk] * 2

    def test_of_a_year_comes_365_times(self, alice, jobs, clock):
        alice.workspace.time_zone = "America/Santiago"  # changes its clocks at midnight
        people.writing(alice.workspace.pk, alice.workspace.save)
        night(clock, EVENING)
        for hour in range(1, 24 * 365 + 1):
            night(clock, EVENING + timedelta(hours=hour))
        assert done == [alice.workspace.pk] * 365

    def test_says_to_which_queue_it_goes(self, alice, jobs, clock, monkeypatch):
        night(clock, EVENING)
        given = []
        monkeypatch.setattr(hints, "give", lambda task, *args, expires=None, queue=None: given.append(queue))
        night(clock, LIMA_MIDNIGHT)
        assert given == ["reports"]


@pytest.mark.django_db
class TestAJobThatFails:
    @pytest.fixture
    def job(self, alice, jobs, clock, monkeypatch):
        monkeypatch.setitem(jobs, "note", {"task": fail_at_night.name, "queue": "default"})
        night(clock, EVENING)
        return NightlyJob.objects.get(workspace_id=alice.workspace.pk)

    def test_is_tried_again_and_then_waits_for_the_next_night_visibly(self, job, clock):
        moment = LIMA_MIDNIGHT
        for attempt, wait in enumerate(nightly.BACK_OFF, start=1):
            night(clock, moment)
            night(clock, moment + wait / 2)
            job.refresh_from_db()
            assert (job.attempts, job.next_at, job.leased_until) == (attempt, moment + wait, None)
            moment += wait
        assert due.figures()["nightly jobs"].failed == 0
        night(clock, moment)
        job.refresh_from_db()
        assert (job.attempts, job.next_at) == (0, LIMA_MIDNIGHT + timedelta(days=1))
        assert job.last_error == "RuntimeError: the moon is full"
        assert due.figures()["nightly jobs"].failed == 1

    def test_is_well_again_when_it_succeeds(self, job, jobs, clock, monkeypatch):
        night(clock, LIMA_MIDNIGHT)
        monkeypatch.setitem(jobs, "note", {"task": note_night.name, "queue": "default"})
        night(clock, LIMA_MIDNIGHT + timedelta(minutes=2))
        job.refresh_from_db()
        assert (job.attempts, job.last_error, job.done_at) == (0, "", LIMA_MIDNIGHT + timedelta(minutes=2))


@pytest.mark.django_db
class TestAWorkerThatDies:
    def test_costs_the_lease(self, alice, jobs, clock):
        night(clock, EVENING)
        job = NightlyJob.objects.get(workspace_id=alice.workspace.pk)
        clock(LIMA_MIDNIGHT)
        assert nightly._claim(job.pk) is not None  # and no word of it again
        night(clock, LIMA_MIDNIGHT + nightly.LEASE - timedelta(seconds=1))
        assert done == []
        night(clock, LIMA_MIDNIGHT + nightly.LEASE)
        assert done == [alice.workspace.pk]

    def test_every_time_ends_the_night(self, alice, jobs, clock):
        night(clock, EVENING)
        job = NightlyJob.objects.get(workspace_id=alice.workspace.pk)
        for attempt in range(len(nightly.BACK_OFF) + 1):
            clock(LIMA_MIDNIGHT + attempt * nightly.LEASE)
            assert nightly._claim(job.pk) is not None
        night(clock, LIMA_MIDNIGHT + timedelta(hours=3))
        job.refresh_from_db()
        assert (job.attempts, job.last_error, done) == (0, "interrupted", [])


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestSeveralWorkersAtOnce:
    def test_do_it_once(self, alice, jobs, clock):
        night(clock, EVENING)
        clock(LIMA_MIDNIGHT)
        at_once(6, lambda which: tasks.run_due_nightly_jobs())
        assert done == [alice.workspace.pk]

    def test_plan_each_job_once(self, alice, jobs, clock):
        at_once(6, lambda which: nightly.plan())
        assert NightlyJob.objects.count() == 1


def test_a_midnight_that_the_clocks_skip_is_the_first_moment_after_it(clock):
    clock(datetime(2026, 9, 5, 20, 0, tzinfo=UTC))  # the day before in Santiago
    assert nightly.next_midnight(ZoneInfo("America/Santiago")) == datetime(2026, 9, 6, 4, 0, tzinfo=UTC)
