"""The dashboard: what became of the leads that came in a period."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from backend.modules.leads import actions
from backend.modules.leads.models import Lead
from tests import make

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 17, tzinfo=UTC)  # of a Tuesday in Lima


@pytest.fixture
def lead(monkeypatch) -> Callable[..., None]:
    """Makes one that came at a moment, and took each of the steps an hour after the one before."""

    def make_lead(who, channel: str = "web", *, came: datetime = NOON, assigned_to=None, steps: tuple[str, ...] = ()):
        contact_id, user_id = make.contact(who.actor).pk, assigned_to and assigned_to.user.pk
        with monkeypatch.context() as clock:
            clock.setattr(timezone, "now", lambda: came)
            made = actions.create(who.actor, contact_id=contact_id, channel=channel, assigned_to_id=user_id)
            QuerySet(Lead).filter(pk=made.pk).update(created_at=came)
            for hours, status in enumerate(steps, start=1):
                clock.setattr(timezone, "now", partial(came.__add__, timedelta(hours=hours)))
                actions.set_status(who.actor, made.pk, status=status)

    return make_lead


def shown(who, **query) -> dict:
    period = {"created_from": "2026-03-01", "created_to": "2026-03-31"}
    answer = who.client.get("/leads/dashboard", period | query, headers={"Authorization": f"Bearer {who.token}"})
    assert answer.status_code == 200, answer.content
    return answer.json()


class TestTheDashboard:
    def test_has_a_funnel_of_how_far_the_leads_came(self, lead, alice):
        lead(alice)
        lead(alice, steps=("contacted", "discarded"))
        lead(alice, steps=("contacted", "quoted", "closed"))
        lead(alice, steps=("contacted", "quoted"))
        found = shown(alice)
        assert [(step["status"], step["count"], step["rate"]) for step in found["funnel"]] == [
            ("new", 4, 100.0),
            ("contacted", 3, 75.0),
            ("quoted", 2, 50.0),
            ("closed", 1, 25.0),
        ]
        assert found["discarded"] == 1

    def test_has_every_channel_and_whoever_has_leads(self, lead, alice, bob):
        lead(alice, "whatsapp", assigned_to=bob, steps=("contacted", "quoted", "closed"))
        lead(alice, "whatsapp", assigned_to=bob)
        lead(alice, "web")
        found = shown(alice)
        assert [(each["channel"], each["count"]) for each in found["by_channel"]] == [
            ("web", 1), ("whatsapp", 2), ("instagram", 0), ("manual", 0),
        ]  # fmt: skip
        best, nobody = found["by_person"]
        assert best == {
            "user_id": bob.user.pk, "username": "bob", "count": 2, "open": 1, "closed": 1, "close_rate": 50.0,
            "hours_to_first_contact": 1.0,
        }  # fmt: skip
        assert (nobody["user_id"], nobody["count"], nobody["hours_to_first_contact"]) == (None, 1, None)

    def test_shows_each_day_of_the_workspace_s_time_zone(self, lead, alice):
        lead(alice, came=datetime(2026, 3, 11, 4, tzinfo=UTC))  # still the tenth in Lima
        lead(alice, came=NOON - timedelta(days=1), steps=("contacted", "quoted", "closed"))
        trend = {each["period"]: (each["created"], each["closed"]) for each in shown(alice)["trend"]}
        assert len(trend) == 31
        assert {day: counts for day, counts in trend.items() if counts != (0, 0)} == {
            "2026-03-09": (1, 1),
            "2026-03-10": (1, 0),
        }

    def test_is_of_one_s_own_leads(self, lead, alice, bob, stranger):
        lead(alice)
        lead(alice, assigned_to=bob)
        assert [shown(who)["funnel"][0]["count"] for who in (alice, bob, stranger)] == [2, 1, 0]

    def test_goes_by_weeks_and_months(self, lead, alice):
        lead(alice)
        assert [each["period"] for each in shown(alice, group_by="month")["trend"]] == ["2026-03"]
        weeks = {each["period"]: each["created"] for each in shown(alice, group_by="week")["trend"]}
        assert (len(weeks), weeks["2026-W11"]) == (6, 1)

    @pytest.mark.parametrize(
        "query", [{"created_from": "2026-04-01"}, {"created_from": "1999-01-01"}, {"group_by": "year"}]
    )
    def test_refuses_a_period_that_is_none(self, alice, query):
        period = {"created_from": "2026-03-01", "created_to": "2026-03-31"} | query
        answer = alice.client.get("/leads/dashboard", period, headers={"Authorization": f"Bearer {alice.token}"})
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"][1] in query | {"created_to": ""}
