"""GET /leads and /leads/stats: filters, order, pages, figures."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import QuerySet

from backend.modules.leads.models import Lead
from tests import make, people
from tests.dialects.leads.conftest import faults
from tests.dialects.leads.test_leads import ROW, ids

pytestmark = pytest.mark.django_db

# Eleven in the evening of 31 March in Caracas is April already in UTC.
MARCH = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def ana(alice):
    return make.contact(alice.actor, first_name="Ana", last_name="Núñez", phone="+58 412-345 6789")


@pytest.fixture
def told(alice, bob, contact, ana):
    """Four leads, the newest last."""
    return [
        make.lead(alice.actor, contact, channel="web", sales_notes="Quiere una cotización"),
        make.lead(alice.actor, contact, channel="whatsapp", status="contacted", assigned_to_id=bob.user.pk),
        make.lead(alice.actor, ana, channel="web", status="closed", assigned_to_id=bob.user.pk),
        make.lead(alice.actor, ana, channel="instagram", status="discarded"),
    ]


def backdate(lead, moment, contacted=None):
    QuerySet(Lead).filter(pk=lead.pk).update(created_at=moment, contacted_at=contacted)


class TestTheList:
    def test_is_an_array_of_leads_newest_first(self, alice, told):
        answer = alice.get("/leads")
        assert [row["id"] for row in answer.json()] == [lead.pk for lead in reversed(told)]
        assert (list(answer.json()[0]), answer.headers["X-Total-Count"]) == (ROW, "4")

    def test_costs_two_statements_and_who_calls(self, told, counted):
        counted("/leads", 3)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("status=closed", [2]), ("channel=web", [2, 0]), ("channel=web&status=new", [0]),
            ("unassigned=true", [3, 0]), ("unassigned=false", [2, 1]), ("q=nunez", [3, 2]),
            ("q=COTIZACION", [0]), ("q=juan%20cotiz", [0]),
            ("q=4123456789", [3, 2, 1, 0]), ("q=nadie", []), ("q=", [3, 2, 1, 0]),
        ],
    )  # fmt: skip
    def test_is_narrowed(self, alice, told, query, found):
        assert ids(alice, f"?{query}") == [told[number].pk for number in found]

    def test_is_narrowed_to_a_client_or_an_assignee(self, alice, bob, ana, told):
        assert ids(alice, f"?client_id={ana.pk}") == [told[3].pk, told[2].pk]
        assert ids(alice, f"?assigned_to={bob.user.pk}&client_id={ana.pk}") == [told[2].pk]

    def test_is_narrowed_by_days_of_the_workspace(self, caracas, told):
        owner = people.person("owner", caracas, "admin")
        for lead, moment in zip(told, (MARCH, MARCH + timedelta(hours=2)), strict=False):
            backdate(lead, moment)
        assert ids(owner, "?created_to=2026-03-31") == [told[0].pk]
        assert ids(owner, "?created_from=2026-04-01&created_to=2026-04-01") == [told[1].pk]

    @pytest.mark.parametrize(
        ("ordering", "found"),
        [("created_at", [0, 1, 2, 3]), ("status,-id", [2, 1, 3, 0]), ("-channel,id", [1, 0, 2, 3]), ("", [3, 2, 1, 0])],
    )
    def test_is_ordered(self, alice, told, ordering, found):
        assert ids(alice, f"?ordering={ordering}") == [told[number].pk for number in found]

    def test_comes_in_parts(self, alice, told):
        answer = alice.get("/leads?skip=1&limit=2")
        assert [row["id"] for row in answer.json()] == [told[2].pk, told[1].pk]
        assert answer.headers["X-Total-Count"] == "4"
        assert alice.get("/leads?skip=4").json() == []

    @pytest.mark.parametrize(
        ("query", "field", "kind"),
        [
            ("limit=0", "limit", "greater_than_equal"), ("limit=201", "limit", "less_than_equal"),
            ("skip=-1", "skip", "greater_than_equal"), ("skip=x", "skip", "int_parsing"),
            ("status=lost", "status", "enum"), ("channel=fax", "channel", "enum"),
            ("client_id=x", "client_id", "int_parsing"), ("assigned_to=0", "assigned_to", "greater_than_equal"),
            ("unassigned=perhaps", "unassigned", "bool_parsing"), ("ordering=name", "ordering", "enum"),
            ("created_from=ayer", "created_from", "date_from_datetime_parsing"),
            ("created_to=2026-02-30", "created_to", "date_from_datetime_parsing"),
            (f"q={'x' * 201}", "q", "string_too_long"),
        ],
    )  # fmt: skip
    def test_names_the_parameter_that_is_wrong(self, alice, query, field, kind):
        assert faults(alice.get(f"/leads?{query}")) == [(["query", field], kind)]

    def test_takes_the_most_at_once(self, alice, told):
        assert len(alice.get("/leads?limit=200").json()) == 4


class TestTheStatistics:
    def test_of_nothing_are_zeros(self, alice):
        assert alice.get("/leads/stats").json() == {
            "total": 0,
            "by_status": dict.fromkeys(("new", "contacted", "quoted", "closed", "discarded"), 0),
            "by_channel": dict.fromkeys(("web", "whatsapp", "instagram", "manual"), 0),
            "by_assignee": [],
            "by_month": [],
            "hours_to_first_contact": None,
        }

    def test_count_by_status_channel_and_assignee(self, alice, bob, told):
        found = alice.get("/leads/stats").json()
        assert found["total"] == 4
        assert found["by_status"] == {"new": 1, "contacted": 1, "quoted": 0, "closed": 1, "discarded": 1}
        assert found["by_channel"] == {"web": 2, "whatsapp": 1, "instagram": 1, "manual": 0}
        assert sorted(found["by_assignee"], key=str) == sorted(
            [
                {"user_id": bob.user.pk, "username": "bob", "count": 2},
                {"user_id": None, "username": None, "count": 2},
            ],
            key=str,
        )

    def test_count_by_month_of_the_workspace_and_measure_the_wait(self, caracas, told):
        owner = people.person("owner", caracas, "admin")
        backdate(told[0], MARCH)
        backdate(told[1], MARCH + timedelta(hours=2), MARCH + timedelta(hours=3))
        backdate(told[2], MARCH + timedelta(hours=2), MARCH + timedelta(hours=4, minutes=30))
        backdate(told[3], MARCH - timedelta(days=30))
        found = owner.get("/leads/stats").json()
        assert found["by_month"] == [{"month": "2026-03", "count": 2}, {"month": "2026-04", "count": 2}]
        assert found["hours_to_first_contact"] == 1.75

    def test_of_a_salesperson_are_of_their_own(self, bob, told):
        found = bob.get("/leads/stats").json()
        assert (found["total"], [each["user_id"] for each in found["by_assignee"]]) == (2, [bob.user.pk])
