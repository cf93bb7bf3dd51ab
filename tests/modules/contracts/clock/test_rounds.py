"""When people are told: at the workspace's time, once, also after a downtime and by several sweeps."""

from datetime import date, time, timedelta

import pytest

from backend.core import due
from backend.modules.contracts import alerts, tasks
from backend.modules.contracts.actions import alerts as telling
from backend.modules.contracts.actions import settings
from backend.modules.contracts.models import Contract, ContractAlert
from tests import make
from tests.modules.contracts.clock.conftest import alerts as written
from tests.modules.contracts.clock.conftest import in_force, mailed, titles, told
from tests.test_parallel import at_once
from worker.schedule import SCHEDULE

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """As the worker's end: nothing catches it."""


class TestADowntime:
    def test_is_made_up_for_with_the_nearest_step_and_the_days_that_are_left(self, bob, morning):
        in_force(bob, "2026-03-17")
        morning("2026-03-01")
        morning("2026-03-12")  # 15 and 7 days before were missed
        assert len(titles(bob)) == 1
        assert "vence en 5 días" in titles(bob)[0]
        morning("2026-03-13")
        assert len(titles(bob)) == 1

    def test_that_outlasted_the_end_says_that_it_is_over(self, bob, morning):
        in_force(bob, "2026-03-05")
        morning("2026-03-01")
        morning("2026-03-08")
        tasks.begin_day(bob.workspace.pk)
        morning("2026-03-09")
        assert len(titles(bob)) == 1
        assert "venció" in titles(bob)[0]

    def test_that_outlasted_the_day_of_a_payment_says_that_it_is_late_and_no_more(self, bob, morning):
        make.payment(bob.actor, in_force(bob), due_on=date(2026, 3, 5))
        morning("2026-03-01")
        morning("2026-03-08")
        assert [each.kind for each in told(bob)] == ["contract_payment_late"]

    def test_before_the_first_alerts_of_all_is_made_up_for_as_well(self, bob, morning):
        in_force(bob, "2026-03-10")
        morning("2026-03-05")
        assert "vence en 5 días" in titles(bob)[0]

    def test_that_ends_in_the_night_is_made_up_for_at_once(self, bob, morning, clock):
        in_force(bob, "2026-03-09")
        morning("2026-03-01")
        clock.set("2026-03-03T07:00")  # two in the morning in Lima, the day after it was missed
        assert tasks.tell_due() == 1
        assert "vence en 6 días" in titles(bob)[0]


class TestTheTimeForAlerts:
    def test_is_eight_in_the_workspace_unless_the_settings_say_another(self, alice, stranger, clock, at_work):
        settings.change(stranger.actor, alert_at=time(18, 30))
        clock.set("2026-03-02T00:00")
        tasks.tell_due()
        due = {"2026-03-02T12:59": [], "2026-03-02T13:00": [alice], "2026-03-02T23:30": [stranger]}
        for moment, who in due.items():
            clock.set(moment)
            assert alerts.due_workspaces() == [each.workspace.pk for each in who]
            tasks.tell_due()

    def test_of_a_new_workspace_is_the_first_after_it_came_into_being(self, alice, clock, at_work):
        assert (alerts.count_due(), due.figures()["contract alerts"].stuck) == (0, 0)
        clock.set("2026-03-01T13:00")
        assert [tasks.tell_due(), tasks.tell_due()] == [1, 0]

    def test_moved_after_it_was_kept_comes_on_the_next_day(self, alice, morning, clock):
        morning("2026-03-02")
        settings.change(alice.actor, alert_at=time(20))  # which is one in the morning of the next day in UTC
        clock.set("2026-03-03T01:00")
        assert tasks.tell_due() == 0
        clock.set("2026-03-04T01:00")
        assert tasks.tell_due() == 1

    def test_shows_as_due_until_it_was_kept_and_as_stuck_after_five_minutes(self, alice, morning, clock):
        morning("2026-03-01")
        for moment, expected in {
            "2026-03-02T12:59": due.Figures(0, 0, 0),
            "2026-03-02T13:00": due.Figures(1, 0, 0),
            "2026-03-02T13:05": due.Figures(1, 1, 0),
        }.items():
            clock.set(moment)
            assert due.figures()["contract alerts"] == expected
        tasks.tell_due()
        assert due.figures()["contract alerts"] == due.Figures(0, 0, 0)

    def test_is_looked_for_by_beat(self):
        assert tasks.tell_due.name in {each["task"] for each in SCHEDULE.values()}


class TestAnAlertThatFails:
    def test_keeps_no_other_from_being_told_and_is_tried_again(self, bob, morning, clock, monkeypatch):
        broken, sound = in_force(bob, "2026-03-09"), in_force(bob, "2026-03-09")
        whole = telling.alerts.readers

        def fail(actor, contract: Contract) -> list[int]:
            if contract.pk == broken.pk:
                raise RuntimeError("no word")
            return whole(actor, contract)

        monkeypatch.setattr(telling.alerts, "readers", fail)
        morning("2026-03-02")
        assert [each.subject_id for each in told(bob)] == [sound.pk]
        assert ContractAlert.objects.of(bob.actor).count() == 1  # nothing is written of what was not told
        monkeypatch.setattr(telling.alerts, "readers", whole)
        clock.now += timedelta(minutes=1)
        assert [tasks.tell_due(), tasks.tell_due()] == [1, 0]
        assert sorted(each.subject_id for each in told(bob)) == [broken.pk, sound.pk]


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestSeveralSweepsAtOnce:
    def test_tell_everybody_once(self, bob, carla, morning, clock):
        made = [in_force(bob, "2026-03-09") for _ in range(4)]
        payment = make.payment(bob.actor, made[0], due_on=date(2026, 3, 5))
        clock.set("2026-03-02T13:00")
        at_once(6, lambda which: tasks.tell_workspace(bob.workspace.pk))
        subjects = sorted([*(each.pk for each in made), payment.contract_id])
        for who in (bob, carla):
            assert sorted(each.subject_id for each in told(who)) == subjects
            assert len(mailed(who)) == len(subjects)
        assert len(written(bob)) == len(subjects)

    def test_tell_everybody_once_also_where_one_was_killed_between_two_alerts(self, bob, clock, monkeypatch):
        made = [in_force(bob, "2026-03-09") for _ in range(3)]
        clock.set("2026-03-02T13:00")
        tell, calls = telling.tell, []

        def tell_one_and_die(actor, *, alert):
            if calls:
                raise Killed
            calls.append(alert)
            return tell(actor, alert=alert)

        with monkeypatch.context() as patch:
            patch.setattr(telling, "tell", tell_one_and_die)
            with pytest.raises(Killed):
                tasks.tell_workspace(bob.workspace.pk)
        assert len(told(bob)) == 1
        at_once(6, lambda which: tasks.tell_workspace(bob.workspace.pk))
        assert sorted(each.subject_id for each in told(bob)) == [each.pk for each in made]
