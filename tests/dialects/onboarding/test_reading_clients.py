"""GET /api/clients/, GET /api/clients/{id}/, GET /api/clients/by_stage/."""

import re

import pytest

from backend.modules.activities import actions as activities
from tests import make

pytestmark = pytest.mark.django_db

ROW = [
    "id", "first_name", "last_name", "email", "phone", "company", "stage", "created_by_name", "assigned_to_name",
    "created_at", "updated_at",
]  # fmt: skip
DETAIL = [
    "id", "first_name", "last_name", "email", "phone", "company", "address", "notes", "stage", "created_by",
    "created_by_name", "assigned_to", "assigned_to_name", "created_at", "updated_at", "interactions",
]  # fmt: skip
INTERACTION = [
    "id", "client", "interaction_type", "subject", "description", "created_by", "created_by_name", "created_at",
]  # fmt: skip
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


@pytest.fixture
def many(alice):
    return [make.contact(alice.actor, first_name=f"Client {number:02}") for number in range(45)]


class TestAPageOfClients:
    def test_has_the_documented_keys_in_their_order(self, alice, contact):
        page = alice.get("/api/clients/").json()
        assert list(page) == ["count", "next", "previous", "results"]
        assert list(page["results"][0]) == ROW

    def test_shows_a_client_as_the_document_does(self, alice, contact):
        row = alice.get("/api/clients/").json()["results"][0]
        assert TIMESTAMP.fullmatch(row.pop("created_at"))
        assert TIMESTAMP.fullmatch(row.pop("updated_at"))
        assert row == {
            "id": contact.pk,
            "first_name": "John",
            "last_name": "Doe",
            "email": "john.doe@example.com",
            "phone": "+51987654321",
            "company": "Acme Corp",
            "stage": "LEAD",
            "created_by_name": "alice",
            "assigned_to_name": "alice",
        }

    def test_shows_what_is_not_there_as_empty_text_or_null(self, alice):
        make.contact(alice.actor)
        row = alice.get("/api/clients/").json()["results"][0]
        assert (row["company"], row["phone"], row["assigned_to_name"]) == ("", "", None)

    def test_is_empty_where_there_are_no_clients(self, alice):
        assert alice.get("/api/clients/").json() == {"count": 0, "next": None, "previous": None, "results": []}

    def test_has_twenty_rows_the_newest_first(self, alice, many):
        page = alice.get("/api/clients/").json()
        assert page["count"] == 45
        assert [row["id"] for row in page["results"]] == [each.pk for each in reversed(many)][:20]

    def test_links_its_neighbours(self, alice, many):
        first, second, third = (alice.get(f"/api/clients/?page={number}").json() for number in (1, 2, 3))
        assert (first["previous"], first["next"]) == (None, "http://testserver/api/clients/?page=2")
        assert second["previous"] == "http://testserver/api/clients/"
        assert second["next"] == "http://testserver/api/clients/?page=3"
        assert (third["next"], len(third["results"])) == (None, 5)

    def test_is_walked_to_the_end_by_its_links_without_repeating_a_row(self, alice, many):
        seen, address = [], "http://testserver/api/clients/?page_size=7&stage=LEAD"
        while address:
            page = alice.get(address.removeprefix("http://testserver")).json()
            seen += [row["id"] for row in page["results"]]
            address = page["next"]
        assert seen == [each.pk for each in reversed(many)]

    @pytest.mark.parametrize(
        "number", ["4", "0", "-1", "abc", "1.0", "1e3", "٣", "999999999999999999999", "%00", "1%20", ""]
    )
    def test_that_does_not_exist_is_a_404(self, alice, many, number):
        answer = alice.get(f"/api/clients/?page={number}")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Invalid page."})

    def test_costs_the_same_number_of_queries_for_any_number_of_rows(self, many, counted):
        counted("/api/clients/?page_size=1", queries=3)  # who calls, how many, which
        counted("/api/clients/?page_size=100", queries=3)

    def test_can_be_searched_without_case_or_accents(self, alice, many, contact):
        found = alice.get("/api/clients/?search=JÓHN%20acme").json()
        assert [row["id"] for row in found["results"]] == [contact.pk]
        assert found["count"] == 1

    def test_can_be_narrowed_by_stage_and_assignee(self, alice, bob, many, contact):
        mine = alice.get(f"/api/clients/?assigned_to={alice.user.pk}&stage=LEAD").json()
        assert (mine["count"], [row["id"] for row in mine["results"]]) == (1, [contact.pk])
        assert alice.get(f"/api/clients/?assigned_to={bob.user.pk}").json()["count"] == 0
        assert alice.get("/api/clients/?stage=ACTIVE").json()["count"] == 0

    def test_can_be_ordered(self, alice, many):
        found = alice.get("/api/clients/?ordering=first_name&page_size=3").json()
        assert [row["first_name"] for row in found["results"]] == ["Client 00", "Client 01", "Client 02"]

    @pytest.mark.parametrize(
        "query",
        ["ordering=password", "stage=lead", "stage=", "assigned_to=x", "page_size=0", "page_size=101", "search=%00"],
    )
    def test_refuses_a_filter_that_is_none(self, alice, query):
        answer = alice.get(f"/api/clients/?{query}")
        assert answer.status_code == 400
        assert list(answer.json()) == [query.partition("=")[0]]


class TestOneClient:
    def test_has_the_documented_keys_in_their_order(self, alice, contact):
        assert list(alice.get(f"/api/clients/{contact.pk}/").json()) == DETAIL

    def test_shows_a_client_as_the_document_does(self, alice, contact):
        found = alice.get(f"/api/clients/{contact.pk}/").json()
        assert (found["company"], found["address"], found["notes"]) == ("Acme Corp", "123 Main St", "Interested")
        assert (found["created_by"], found["created_by_name"]) == (alice.user.pk, "alice")
        assert (found["assigned_to"], found["assigned_to_name"]) == (alice.user.pk, "alice")
        assert found["interactions"] == []

    def test_has_its_interactions_the_newest_first(self, alice, bob, contact):
        older = make.activity(bob.actor, contact_id=contact.pk, subject="Initial contact", description="Discussed")
        newer = make.activity(alice.actor, contact_id=contact.pk, kind="email")
        make.activity(alice.actor, contact_id=contact.pk, kind="task")
        make.activity(alice.actor, contact_id=make.contact(alice.actor).pk)
        shown = alice.get(f"/api/clients/{contact.pk}/").json()["interactions"]
        assert [each["id"] for each in shown] == [newer.pk, older.pk]
        assert list(shown[1]) == INTERACTION
        assert TIMESTAMP.fullmatch(shown[1].pop("created_at"))
        assert shown[1] == {
            "id": older.pk,
            "client": contact.pk,
            "interaction_type": "CALL",
            "subject": "Initial contact",
            "description": "Discussed",
            "created_by": bob.user.pk,
            "created_by_name": "bob",
        }

    def test_keeps_interactions_from_who_may_not_read_them(self, alice, dario, contact):
        make.activity(alice.actor, contact_id=contact.pk)
        assert dario.get(f"/api/clients/{contact.pk}/").json()["interactions"] == []

    def test_costs_the_same_number_of_queries_for_any_number_of_interactions(self, alice, contact, counted):
        for _ in range(5):
            make.activity(alice.actor, contact_id=contact.pk)
        counted(f"/api/clients/{contact.pk}/", queries=3)  # who calls, the client, its interactions

    @pytest.mark.parametrize("number", ["999999", "0", "-1", "abc", "1.5", "9" * 19, "9" * 400, "%00", "1%2F"])
    def test_that_does_not_exist_is_a_404(self, alice, number):
        answer = alice.get(f"/api/clients/{number}/")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


class TestClientsByStage:
    def test_are_a_plain_array_of_the_rows_of_one_stage(self, alice, many, contact):
        activities.move_contact_stage(alice.actor, contact.pk, stage="active")
        found = alice.get("/api/clients/by_stage/?stage=ACTIVE").json()
        assert [row["id"] for row in found] == [contact.pk]
        assert list(found[0]) == ROW

    def test_are_all_of_them_not_a_page(self, alice, many):
        assert [row["id"] for row in alice.get("/api/clients/by_stage/?stage=LEAD").json()] == [
            each.pk for each in reversed(many)
        ]

    def test_are_those_of_every_stage_without_the_parameter(self, alice, many, contact):
        assert len(alice.get("/api/clients/by_stage/").json()) == 46

    def test_refuse_a_stage_that_is_none(self, alice):
        answer = alice.get("/api/clients/by_stage/?stage=WON")
        assert (answer.status_code, answer.json()) == (400, {"stage": ['"WON" is not a valid choice.']})

    def test_cost_two_queries(self, many, counted):
        counted("/api/clients/by_stage/", queries=2)
