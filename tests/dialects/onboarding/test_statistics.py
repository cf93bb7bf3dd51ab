"""GET /api/statistics/: it follows every write at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import make, people

pytestmark = pytest.mark.django_db

KEYS = [
    "total_clients", "clients_by_stage", "recent_clients_30_days", "clients_by_staff", "total_interactions",
    "recent_interactions_30_days", "conversion_rate_percentage", "funnel",
]  # fmt: skip


def of(person):
    return person.get("/api/statistics/").json()


class TestStatistics:
    def test_have_the_documented_keys_in_their_order(self, alice):
        found = of(alice)
        assert list(found) == KEYS
        assert list(found["funnel"]) == list(found["clients_by_stage"]) == ["lead", "in_progress", "active"]

    def test_are_zeros_in_an_empty_workspace(self, alice):
        nothing = {"lead": 0, "in_progress": 0, "active": 0}
        assert list(of(alice).values()) == [0, nothing, 0, {}, 0, 0, 0.0, nothing]

    def test_count_clients_by_stage_and_the_share_that_is_active(self, alice):
        for stage in ("lead", "lead", "in_progress", "active"):
            make.contact(alice.actor, stage=stage)
        found = of(alice)
        assert found["total_clients"] == 4
        assert found["clients_by_stage"] == found["funnel"] == {"lead": 2, "in_progress": 1, "active": 1}
        assert found["conversion_rate_percentage"] == 25.0
        assert isinstance(found["conversion_rate_percentage"], float)

    def test_round_the_share_to_two_places(self, alice):
        for stage in ("lead", "lead", "active"):
            make.contact(alice.actor, stage=stage)
        assert of(alice)["conversion_rate_percentage"] == 33.33

    def test_count_clients_by_the_user_name_they_are_assigned_to(self, alice, bob):
        for user in (alice, bob, bob, None):
            make.contact(alice.actor, assigned_to_id=user and user.user.pk)
        assert of(alice)["clients_by_staff"] == {"alice": 1, "bob": 2}

    def test_count_what_was_created_within_thirty_days_as_recent(self, alice, ours):
        for age in (timedelta(0), timedelta(days=29, hours=23), timedelta(days=30, hours=1)):
            contact = make.contact(alice.actor)
            activity = make.activity(alice.actor, contact_id=contact.pk)
            people.writing(ours.pk, lambda made=(contact, activity), age=age: [_age(each, age) for each in made])
        found = of(alice)
        assert (found["total_clients"], found["recent_clients_30_days"]) == (3, 2)
        assert (found["total_interactions"], found["recent_interactions_30_days"]) == (3, 2)

    def test_count_no_tasks(self, alice, contact):
        make.activity(alice.actor, contact_id=contact.pk, kind="task")
        assert of(alice)["total_interactions"] == 0

    def test_count_nothing_of_another_workspace(self, alice, stranger):
        make.activity(stranger.actor, contact_id=make.contact(stranger.actor, stage="active").pk)
        found = of(alice)
        assert (found["total_clients"], found["total_interactions"], found["clients_by_staff"]) == (0, 0, {})

    def test_follow_each_write_at_once(self, alice, jane):
        made = alice.post("/api/clients/", jane).json()
        assert of(alice)["clients_by_stage"] == {"lead": 1, "in_progress": 0, "active": 0}
        alice.patch(f"/api/clients/{made['id']}/update_stage/", {"stage": "ACTIVE"})
        found = of(alice)
        assert (found["funnel"]["active"], found["total_interactions"]) == (1, 1)
        assert found["conversion_rate_percentage"] == 100.0
        alice.patch(f"/api/clients/{made['id']}/", {"assigned_to": alice.user.pk})
        assert of(alice)["clients_by_staff"] == {"alice": 1}
        alice.delete(f"/api/clients/{made['id']}/")
        assert (of(alice)["total_clients"], of(alice)["total_interactions"]) == (0, 1)

    def test_agree_with_the_counts_of_the_lists(self, alice, contact, jane):
        made = alice.post("/api/clients/", jane).json()
        alice.patch(f"/api/clients/{made['id']}/update_stage/", {"stage": "IN_PROGRESS"})
        found = of(alice)
        assert alice.get("/api/clients/").json()["count"] == found["total_clients"] == 2
        assert alice.get("/api/interactions/").json()["count"] == found["total_interactions"] == 1
        for stage, rows in found["funnel"].items():
            assert alice.get(f"/api/clients/?stage={stage.upper()}").json()["count"] == rows

    def test_cost_few_queries(self, alice, contact, counted):
        counted("/api/statistics/", queries=6)


def _age(record, age):
    record.created_at = timezone.now() - age
    record.save()
