"""Which runs come of the slots: each one once, over changes of the clocks, downtimes and several sweepers."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.core import due
from backend.core.local_time import moment_of
from backend.modules.scheduling import tasks
from backend.modules.scheduling.models import ReportSubscription, State
from backend.modules.scheduling.slots import DAY
from tests import make
from tests.modules.scheduling.conftest import mails, runs, subscription_of
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

SANTIAGO, MADRID = ZoneInfo("America/Santiago"), ZoneInfo("Europe/Madrid")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestAYearOfSweeps:
    def test_takes_each_slot_once(self, alice, clock, given):
        clock.set("2026-01-01T00:00")
        timing = {"every": "day", "at": time(0, 30), "time_zone": "America/Santiago"}
        daily = make.report_subscription(alice.actor, **timing)
        weekly = make.report_subscription(alice.actor, weekday=6, at=time(2, 30), time_zone="Europe/Madrid")
        monthly = make.report_subscription(alice.actor, every="month", day_of_month=31, time_zone="Asia/Kathmandu")
        sweeps = 0
        while clock.now < utc("2027-01-01T00:00"):
            clock.now += timedelta(hours=6)
            sweeps += tasks.send_due()
        days = [date(2026, 1, 1) + number * DAY for number in range(365)]
        ends = [day for day in days if (day + DAY).day == 1]
        expected = {
            daily.pk: [moment_of(day, daily.at, SANTIAGO) for day in days],
            weekly.pk: [moment_of(day, weekly.at, MADRID) for day in days if day.weekday() == 6],
            monthly.pk: [moment_of(day, time(8), ZoneInfo("Asia/Kathmandu")) for day in ends],
        }
        found = {number: [each.slot for each in runs(alice) if each.subscription_id == number] for number in expected}
        assert found == expected
        assert sweeps == len(runs(alice))
        assert {each.skipped for each in runs(alice)} == {0}


class TestASlotThatHasCome:
    def test_is_hinted_at_after_the_commit(self, alice, clock, given, django_capture_on_commit_callbacks):
        make.report_subscription(alice.actor, time_zone="UTC")
        clock.set("2026-11-23T07:59")
        assert tasks.send_due() == 0
        clock.set("2026-11-23T08:00")
        with django_capture_on_commit_callbacks(execute=True):
            assert tasks.send_due() == 1
        [run] = runs(alice)
        assert given == [("backend.modules.scheduling.tasks.send_report", (alice.workspace.pk, run.pk))]
        assert subscription_of(alice).next_at == utc("2026-11-30T08:00")

    def test_whose_hint_was_lost_is_found_by_the_next_sweep(self, alice, clock, given):
        make.report_subscription(alice.actor, time_zone="UTC")
        clock.set("2026-11-23T08:00")
        tasks.send_due()
        given.clear()
        assert tasks.send_due() == 0
        assert given == [("backend.modules.scheduling.tasks.send_report", (alice.workspace.pk, runs(alice)[0].pk))]

    def test_of_a_paused_subscription_is_nothing(self, alice, clock, given):
        make.report_subscription(alice.actor, is_active=False)
        clock.set("2027-11-23T08:00")
        assert (tasks.send_due(), runs(alice)) == (0, [])

    def test_is_not_taken_again_when_somebody_has_set_the_clock_back(self, alice, clock, given, change):
        subscription = make.report_subscription(alice.actor, time_zone="UTC")
        clock.set("2026-11-23T08:00")
        tasks.send_due()
        change(subscription, next_at=utc("2026-11-23T08:00"))
        assert (tasks.send_due(), len(runs(alice))) == (0, 1)
        assert subscription_of(alice).next_at == utc("2026-11-30T08:00")

    def test_of_a_time_zone_that_is_gone_pauses_its_subscription_and_no_other(self, alice, clock, given, change):
        broken = make.report_subscription(alice.actor)
        make.report_subscription(alice.actor)
        change(broken, time_zone="Mars/Base")
        clock.set("2026-11-24T00:00")
        assert tasks.send_due() == 1
        broken.refresh_from_db()
        assert (broken.is_active, broken.paused_reason) == (False, "unknown_time_zone")

    def test_shows_as_due_until_it_is_taken(self, alice, clock, given):
        make.report_subscription(alice.actor, time_zone="UTC")
        clock.set("2026-11-23T08:06")
        assert due.figures()["report slots"] == due.Figures(due=1, stuck=1, failed=0)
        tasks.send_due()
        assert due.figures()["report slots"] == due.Figures(due=0, stuck=0, failed=0)
        assert due.figures()["scheduled reports"].due == 1


class TestADowntime:
    def test_is_caught_up_with_the_latest_slot_which_counts_the_older_ones(self, alice, clock, given):
        make.report_subscription(alice.actor, every="day", time_zone="UTC")
        clock.set("2026-11-23T09:00")
        assert [tasks.send_due(), tasks.send_due()] == [1, 0]
        [run] = runs(alice)
        assert (run.slot, run.as_of, run.skipped) == (utc("2026-11-23T08:00"), utc("2026-11-23T08:00"), 4)
        assert subscription_of(alice).next_at == utc("2026-11-24T08:00")


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestSeveralSweepersAtOnce:
    def test_make_one_run_of_each_slot(self, alice, clock, given):
        for _ in range(3):
            make.report_subscription(alice.actor, every="day", time_zone="UTC")
        clock.set("2026-11-20T08:00")
        assert sum(at_once(6, lambda which: tasks.send_due())) == 3
        assert len({each.subscription_id for each in runs(alice)}) == len(runs(alice)) == 3

    def test_and_several_workers_make_one_mail(self, alice, clock, given):
        make.report_subscription(alice.actor, every="day", time_zone="UTC")
        clock.set("2026-11-20T08:00")

        def sweep_and_work(which: int) -> None:
            tasks.send_due()
            for run in runs(alice):
                tasks.send_report(run.workspace_id, run.pk)

        at_once(6, sweep_and_work)
        [run] = runs(alice)
        assert (run.state, run.attempts, mails(alice).count()) == (State.DONE, 1, 1)

    def test_and_an_end_in_between_leave_nothing(self, alice, clock, given):
        subscription = make.report_subscription(alice.actor, every="day", time_zone="UTC")
        clock.set("2026-11-20T08:00")

        def sweep_or_end(which: int) -> None:
            if which == 3:
                alice.delete(f"/api/scheduled-reports/{subscription.pk}/")
            tasks.send_due()

        at_once(6, sweep_or_end)
        assert (runs(alice), ReportSubscription.objects.of(alice.actor).count()) == ([], 0)
