"""Subscribing to reports over HTTP."""

from collections import Counter

import pytest
from django.db.models import QuerySet
from django.test import Client

from backend.core.errors import DomainError
from backend.modules.identity.models import Workspace
from backend.modules.ledger.models import Entry
from backend.modules.scheduling import actions
from backend.modules.scheduling.models import ReportRun, ReportSubscription
from tests import make, people
from tests.modules.scheduling.conftest import runs, subscription_of
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

PATH = "/api/scheduled-reports/"
DAILY = {"report": "dashboard", "cadence": "daily", "time": "08:00"}


def details(answer) -> list[str]:
    assert answer.status_code == 400, answer.content
    return list(answer.json()["error"]["details"])


class TestASubscription:
    def test_says_when_it_is_due_next(self, alice, clock):
        answer = alice.post(PATH, {
            "report": "sales", "parameters": {"period": "last_week", "grouping": "week"}, "cadence": "weekly",
            "weekday": "monday", "time": "08:30", "time_zone": "Europe/Madrid",
        })  # fmt: skip
        assert answer.status_code == 201
        assert answer.json() | {"id": 0, "created_at": ""} == {
            "id": 0, "report": "sales", "parameters": {"period": "last_week", "grouping": "week", "currency": None},
            "cadence": "weekly", "weekday": "monday", "day": None, "time": "08:30", "time_zone": "Europe/Madrid",
            "is_active": True, "paused_reason": "", "next_slot": "2026-11-23T07:30:00Z", "created_at": "",
        }  # fmt: skip
        assert alice.get(f"{PATH}{answer.json()['id']}/").json() == answer.json()

    def test_is_in_the_time_zone_of_the_workspace_unless_it_says_otherwise(self, alice, clock):
        QuerySet(Workspace).filter(pk=alice.workspace.pk).update(time_zone="Asia/Kathmandu")
        answer = alice.post(PATH, DAILY).json()
        assert (answer["time_zone"], answer["next_slot"]) == ("Asia/Kathmandu", "2026-11-19T02:15:00Z")

    def test_keeps_a_stage_by_its_key(self, alice):
        body = DAILY | {"report": "stage_changes", "parameters": {"stage": "  negociación ", "period": "all_time"}}
        assert alice.post(PATH, body).json()["parameters"]["stage"] == "negociacion"

    def test_stands_in_the_ledger(self, alice):
        number = alice.post(PATH, DAILY).json()["id"]
        entry = Entry.objects.of(alice.actor).get(table="report_subscriptions")
        assert (entry.action, entry.username, entry.record_id) == ("report_subscription.create", "alice", number)

    def test_is_seen_by_its_owner_alone(self, alice, carla, stranger):
        number = make.report_subscription(alice.actor).pk
        for who in (carla, stranger):
            answers = [
                who.get(f"{PATH}{number}/"), who.patch(f"{PATH}{number}/", {"is_active": False}),
                who.delete(f"{PATH}{number}/"), who.get(f"{PATH}{number}/runs/"), who.post(f"{PATH}{number}/run/"),
            ]  # fmt: skip
            assert [answer.status_code for answer in answers] == [404] * 5
            assert who.get(PATH).json()["count"] == 0
        assert [each["id"] for each in alice.get(PATH).json()["results"]] == [number]

    def test_is_for_people_and_for_who_may_read_reports(self, alice, dario):
        _, key = make.api_key(alice.actor)
        number = make.report_subscription(alice.actor).pk
        headers = {"Authorization": f"Bearer {key}"}
        paths = [PATH, f"{PATH}reports/", f"{PATH}{number}/", f"{PATH}{number}/runs/"]
        assert [Client().get(path, headers=headers).status_code for path in paths] == [403] * 4
        assert Client().post(PATH, DAILY, "application/json", headers=headers).status_code == 403
        assert dario.post(PATH, DAILY).status_code == 403

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"report": "nothing"}, "report"),
            ({"report": None}, "report"),
            ({"cadence": "hourly"}, "cadence"),
            ({"time": "24:00"}, "time"),
            ({"time": "8:00"}, "time"),
            ({"time": 800}, "time"),
            ({"time_zone": "Mars/Base"}, "time_zone"),
            ({"time_zone": "../etc/passwd"}, "time_zone"),
            ({"cadence": "weekly"}, "weekday"),
            ({"cadence": "weekly", "weekday": "lunes"}, "weekday"),
            ({"cadence": "weekly", "weekday": "monday", "day": 3}, "day"),
            ({"cadence": "monthly"}, "day"),
            ({"cadence": "monthly", "day": 32}, "day"),
            ({"cadence": "monthly", "day": 0}, "day"),
            ({"cadence": "monthly", "day": True}, "day"),
            ({"weekday": "monday"}, "weekday"),
            ({"parameters": {"period": "last_week"}}, "parameters.period"),
            ({"parameters": []}, "parameters"),
            ({"report": "sales", "parameters": {"period": "all_time"}}, "parameters.period"),
            ({"report": "sales", "parameters": {"period": 7}}, "parameters.period"),
            ({"report": "sales", "parameters": {"currency": "XYZ"}}, "parameters.currency"),
            ({"report": "sales", "parameters": {"grouping": "year"}}, "parameters.grouping"),
            ({"report": "top_companies", "parameters": {"limit": 101}}, "parameters.limit"),
            ({"report": "top_companies", "parameters": {"limit": 0}}, "parameters.limit"),
            ({"report": "top_companies", "parameters": {"limit": "3"}}, "parameters.limit"),
            ({"report": "stage_changes", "parameters": {"stage": "nothing"}}, "parameters.stage"),
            ({"nothing": 1}, "nothing"),
        ],
    )
    def test_that_is_none_names_the_field(self, alice, change, field):
        assert details(alice.post(PATH, DAILY | change)) == [field]
        assert not ReportSubscription.objects.of(alice.actor).exists()


class TestTheLimit:
    @pytest.mark.parallel
    @pytest.mark.django_db(transaction=True)
    def test_holds_for_each_person_also_for_many_at_once(self, alice, bob, monkeypatch):
        monkeypatch.setattr(actions, "MOST_SUBSCRIPTIONS", 2)

        def subscribe(which: int) -> str:
            try:
                return make.report_subscription(alice.actor).report
            except DomainError as error:
                return error.code

        assert Counter(at_once(8, subscribe)) == {"sales": 2, "too_many_subscriptions": 6}
        assert alice.post(PATH, DAILY).status_code == 409
        assert bob.post(PATH, DAILY).status_code == 201


class TestAChange:
    def test_of_the_timing_counts_from_now_on(self, alice, clock):
        path = f"{PATH}{make.report_subscription(alice.actor).pk}/"
        changed = alice.patch(path, {"cadence": "monthly", "day": 31, "time_zone": "UTC"}).json()
        assert (changed["weekday"], changed["day"], changed["next_slot"]) == (None, 31, "2026-11-30T08:00:00Z")
        assert details(alice.patch(path, {"cadence": "weekly"})) == ["weekday"]
        assert details(alice.patch(path, {"weekday": "friday"})) == ["weekday"]

    def test_to_another_report_forgets_the_parameters_of_the_first(self, alice):
        path = f"{PATH}{make.report_subscription(alice.actor).pk}/"
        assert alice.patch(path, {"report": "top_companies"}).json()["parameters"] == {
            "period": "last_30_days", "limit": 10,
        }  # fmt: skip
        assert details(alice.patch(path, {"parameters": {"grouping": "day"}})) == ["parameters.grouping"]

    def test_pauses_it_and_lets_it_go_on_without_the_slots_between(self, alice, clock):
        path = f"{PATH}{make.report_subscription(alice.actor, time_zone='UTC').pk}/"
        paused = alice.patch(path, {"is_active": False}).json()
        assert (paused["is_active"], paused["next_slot"], paused["paused_reason"]) == (False, None, "")
        clock.set("2026-12-09T00:00")
        assert alice.patch(path, {"is_active": True}).json()["next_slot"] == "2026-12-14T08:00:00Z"

    def test_needs_the_right_only_for_what_would_be_read(self, ours):
        who = people.person_holding(ours)
        path = f"{PATH}{make.report_subscription(who.actor).pk}/"
        assert who.patch(path, {"time": "09:00", "is_active": False}).status_code == 200
        refused = [{"is_active": True}, {"report": "dashboard"}, {"parameters": {}}]
        assert [who.patch(path, body).status_code for body in refused] == [403] * 3

    def test_of_what_has_changed_meanwhile_is_refused(self, alice):
        path = f"{PATH}{make.report_subscription(alice.actor).pk}/"
        tag = alice.get(path)["ETag"]
        assert alice.patch(path, {"time": "09:00"}, If_Match=tag).status_code == 200
        answer = alice.patch(path, {"time": "10:00"}, If_Match=tag)
        assert (answer.status_code, answer.json()["time"]) == (412, "09:00")


class TestAnEnd:
    def test_takes_the_history_along(self, alice, given):
        subscription = make.report_subscription(alice.actor)
        actions.order_run(alice.actor, subscription.pk)
        assert alice.delete(f"{PATH}{subscription.pk}/").status_code == 204
        assert runs(alice) == []
        assert alice.get(f"{PATH}{subscription.pk}/").status_code == 404
        verbs = Entry.objects.of(alice.actor).filter(verb__endswith=".deleted").values_list("table", flat=True)
        assert set(verbs) == {"report_runs", "report_subscriptions"}


class TestARunBesideTheSlots:
    def test_waits_for_a_worker_and_leaves_the_slots_as_they_are(self, alice, clock, given):
        subscription = make.report_subscription(alice.actor)
        answer = alice.post(f"{PATH}{subscription.pk}/run/")
        run = answer.json()
        assert (answer.status_code, run["slot"], run["as_of"], run["status"]) == (
            202, None, "2026-11-18T12:00:00Z", "waiting",
        )  # fmt: skip
        assert alice.get(f"{PATH}{subscription.pk}/runs/").json()["results"] == [run]
        assert subscription_of(alice).next_at == subscription.next_at

    def test_is_one_at_a_time(self, alice, given, change):
        path = f"{PATH}{make.report_subscription(alice.actor).pk}/run/"
        assert [alice.post(path).status_code for _ in range(2)] == [202, 409]
        change(ReportRun.objects.of(alice.actor).get(), state="done")
        assert alice.post(path).status_code == 202


class TestTheReports:
    def test_are_named_with_their_parameters(self, dario):
        found = {each["name"]: each for each in dario.get(f"{PATH}reports/").json()["results"]}
        assert set(found) == {
            "sales", "top_companies", "companies", "dashboard", "conversion", "stage_changes", "onboarding",
        }  # fmt: skip
        assert found["sales"]["title"] == {"es": "Ventas", "en": "Sales"}
        period, limit = found["top_companies"]["parameters"]
        assert (period["kind"], "all_time" in period["choices"]) == ("choice", True)
        assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 100, 10)
