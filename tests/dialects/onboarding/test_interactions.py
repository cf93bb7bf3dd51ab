"""The operations under /api/interactions/."""

import pytest

from tests import make, stored
from tests.dialects.onboarding.test_reading_clients import INTERACTION, TIMESTAMP

pytestmark = pytest.mark.django_db

REQUIRED = ["This field is required."]


@pytest.fixture
def demo(contact):
    return {
        "client": contact.pk,
        "interaction_type": "MEETING",
        "subject": "Product demo",
        "description": "Demonstrated all product features",
    }


@pytest.fixture
def many(alice, contact):
    return [make.activity(alice.actor, contact_id=contact.pk, subject=f"Call {number}") for number in range(45)]


class TestListInteractions:
    def test_has_the_documented_keys_in_their_order(self, alice, many):
        page = alice.get("/api/interactions/").json()
        assert list(page) == ["count", "next", "previous", "results"]
        assert list(page["results"][0]) == INTERACTION

    def test_has_twenty_rows_the_newest_first(self, alice, many):
        page = alice.get("/api/interactions/?page=2").json()
        assert (page["count"], [row["id"] for row in page["results"]]) == (
            45,
            [each.pk for each in reversed(many)][20:40],
        )
        assert page["previous"] == "http://testserver/api/interactions/"
        assert page["next"] == "http://testserver/api/interactions/?page=3"

    def test_can_be_narrowed_to_one_client(self, alice, many):
        other = make.contact(alice.actor)
        theirs = make.activity(alice.actor, contact_id=other.pk)
        page = alice.get(f"/api/interactions/?client={other.pk}").json()
        assert (page["count"], [row["id"] for row in page["results"]]) == (1, [theirs.pk])

    def test_is_empty_for_a_client_that_is_not_there(self, alice, many):
        assert alice.get("/api/interactions/?client=999999").json()["count"] == 0

    @pytest.mark.parametrize("number", ["x", "0", "-1", "1.5", "9" * 30, "true", "", "%00"])
    def test_refuses_a_client_that_is_no_id(self, alice, number):
        answer = alice.get(f"/api/interactions/?client={number}")
        assert (answer.status_code, list(answer.json())) == (400, ["client"])

    @pytest.mark.parametrize("number", ["4", "0", "-1", "abc", "9" * 30])
    def test_has_no_page_past_its_ends(self, alice, many, number):
        answer = alice.get(f"/api/interactions/?page={number}")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Invalid page."})

    def test_has_no_tasks_in_it(self, alice, contact):
        make.activity(alice.actor, contact_id=contact.pk, kind="task")
        assert alice.get("/api/interactions/").json()["count"] == 0

    def test_costs_the_same_number_of_queries_for_any_number_of_rows(self, many, counted):
        for size in (1, 100):
            counted(f"/api/interactions/?page_size={size}", queries=3)


class TestCreateInteraction:
    def test_answers_201_with_the_interaction(self, bob, demo):
        answer = bob.post("/api/interactions/", demo)
        made = answer.json()
        assert (answer.status_code, list(made)) == (201, INTERACTION)
        assert {name: made[name] for name in demo} == demo
        assert (made["created_by"], made["created_by_name"]) == (bob.user.pk, "bob")
        assert TIMESTAMP.fullmatch(made["created_at"])

    @pytest.mark.parametrize("kind", ["CALL", "EMAIL", "MEETING", "NOTE"])
    def test_takes_the_four_types(self, alice, demo, kind):
        made = alice.post("/api/interactions/", demo | {"interaction_type": kind})
        assert (made.status_code, made.json()["interaction_type"]) == (201, kind)

    @pytest.mark.parametrize("kind", ["TASK", "task", "call", "", None, 1, ["CALL"]])
    def test_takes_no_other(self, alice, demo, kind):
        with stored.nothing_written():
            answer = alice.post("/api/interactions/", demo | {"interaction_type": kind})
        assert (answer.status_code, list(answer.json())) == (400, ["interaction_type"])

    def test_asks_for_all_four_fields(self, alice, demo):
        with stored.nothing_written():
            answer = alice.call("post", "/api/interactions/", {})
        assert (answer.status_code, answer.json()) == (400, dict.fromkeys(demo, REQUIRED))

    def test_of_a_client_that_is_not_there_is_a_400_on_client(self, alice, demo):
        with stored.nothing_written():
            answer = alice.post("/api/interactions/", demo | {"client": 999_999})
        assert answer.status_code == 400
        assert answer.json() == {"client": ['Invalid pk "999999" - object does not exist.']}

    def test_keeps_a_subject_of_200_characters_and_refuses_a_longer_one(self, alice, demo):
        assert alice.post("/api/interactions/", demo | {"subject": "ñ" * 200}).status_code == 201
        answer = alice.post("/api/interactions/", demo | {"subject": "ñ" * 201})
        assert answer.json() == {"subject": ["Ensure this field has no more than 200 characters."]}

    def test_ignores_an_author_in_the_body(self, alice, bob, demo):
        made = alice.post("/api/interactions/", demo | {"created_by": bob.user.pk, "id": 5}).json()
        assert made["created_by_name"] == "alice"


class TestOneInteraction:
    def test_is_shown_as_in_the_list(self, alice, many):
        [row] = alice.get("/api/interactions/?page_size=1").json()["results"]
        assert alice.get(f"/api/interactions/{many[-1].pk}/").json() == row

    def test_is_a_404_where_it_is_a_task_or_nothing(self, alice, contact):
        task = make.activity(alice.actor, contact_id=contact.pk, kind="task")
        for number in (task.pk, 999_999, 0, "x"):
            assert alice.get(f"/api/interactions/{number}/").status_code == 404

    def test_costs_two_queries(self, many, counted):
        counted(f"/api/interactions/{many[0].pk}/", queries=2)


class TestChangingAnInteraction:
    def test_put_needs_all_four_fields(self, alice, many, demo):
        with stored.nothing_written():
            answer = alice.put(f"/api/interactions/{many[0].pk}/", {"subject": "Only this"})
        assert answer.status_code == 400
        assert list(answer.json()) == ["client", "interaction_type", "description"]

    def test_put_answers_200_with_what_was_given(self, bob, many, demo):
        changed = bob.put(f"/api/interactions/{many[0].pk}/", demo)
        assert (changed.status_code, list(changed.json())) == (200, INTERACTION)
        assert {name: changed.json()[name] for name in demo} == demo
        assert changed.json()["created_by_name"] == "alice"

    def test_patch_changes_the_given_fields_alone(self, alice, many):
        path = f"/api/interactions/{many[0].pk}/"
        before = alice.get(path).json()
        after = alice.patch(path, {"subject": "Another"}).json()
        assert {name for name in before if before[name] != after[name]} == {"subject"}

    def test_does_not_touch_tasks(self, alice, contact, demo):
        """What this dialect does not show it does not change either."""
        task = make.activity(alice.actor, contact_id=contact.pk, kind="task")
        path = f"/api/interactions/{task.pk}/"
        with stored.nothing_written():
            answers = [alice.put(path, demo), alice.patch(path, {"subject": "Mine"}), alice.delete(path)]
        assert [answer.status_code for answer in answers] == [404, 404, 404]

    def test_of_one_whose_client_is_gone_keeps_it_so(self, alice, many, contact):
        alice.delete(f"/api/clients/{contact.pk}/")
        changed = alice.patch(f"/api/interactions/{many[0].pk}/", {"subject": "Later"})
        assert (changed.status_code, changed.json()["client"]) == (200, None)

    def test_to_a_client_that_is_not_there_is_a_400(self, alice, many):
        with stored.nothing_written():
            answer = alice.patch(f"/api/interactions/{many[0].pk}/", {"client": 999_999})
        assert (answer.status_code, list(answer.json())) == (400, ["client"])

    def test_delete_answers_204_with_nothing(self, alice, many):
        path = f"/api/interactions/{many[0].pk}/"
        answer = alice.delete(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert (alice.get(path).status_code, alice.delete(path).status_code) == (404, 404)
