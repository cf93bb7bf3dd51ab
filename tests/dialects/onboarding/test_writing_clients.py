"""POST /api/clients/, PUT, PATCH and DELETE /api/clients/{id}/, PATCH …/update_stage/."""

import pytest

from backend.modules.companies.models import Company
from backend.modules.contacts.models import Contact
from backend.modules.ledger.models import Entry
from tests import make, stored
from tests.dialects.onboarding.test_reading_clients import DETAIL

pytestmark = pytest.mark.django_db

TAKEN = {"email": ["client with this email already exists."]}
REQUIRED = {
    "first_name": ["This field is required."],
    "last_name": ["This field is required."],
    "email": ["This field is required."],
}


def verbs(contact_id):
    entries = Entry.across_workspaces.filter(table="contacts", record_id=contact_id).order_by("id")
    return list(entries.values_list("verb", "action"))


class TestCreateClient:
    def test_answers_201_with_the_client(self, alice, jane):
        answer = alice.post("/api/clients/", jane)
        assert answer.status_code == 201
        assert list(answer.json()) == DETAIL

    def test_keeps_every_field(self, alice, bob):
        given = {
            "first_name": "Jane", "last_name": "Smith", "email": "Jane.Smith@Example.com", "phone": "+51 987 654 321",
            "company": "Tech Solutions", "address": "Av. Larco 123", "notes": "Met at the fair",
            "stage": "IN_PROGRESS", "assigned_to": bob.user.pk,
        }  # fmt: skip
        made = alice.post("/api/clients/", given).json()
        assert {name: made[name] for name in given} == given
        assert alice.get(f"/api/clients/{made['id']}/").json() == made

    def test_has_defaults_for_what_is_left_out(self, alice, jane):
        made = alice.post("/api/clients/", jane).json()
        assert (made["stage"], made["phone"], made["company"], made["address"]) == ("LEAD", "", "", "")
        assert (made["assigned_to"], made["assigned_to_name"], made["interactions"]) == (None, None, [])

    def test_makes_the_caller_its_author(self, bob, jane):
        made = bob.post("/api/clients/", jane).json()
        assert (made["created_by"], made["created_by_name"]) == (bob.user.pk, "bob")

    def test_writes_the_ledger(self, alice, jane):
        made = alice.post("/api/clients/", jane).json()
        assert verbs(made["id"]) == [("contact.created", "contact.create")]

    def test_asks_for_the_required_fields(self, alice):
        with stored.nothing_written():
            answer = alice.call("post", "/api/clients/", {})
        assert (answer.status_code, answer.json()) == (400, REQUIRED)

    @pytest.mark.parametrize("email", ["john.doe@example.com", "JOHN.DOE@Example.COM", "  john.doe@example.com "])
    def test_refuses_an_address_that_a_client_has_in_any_case(self, alice, contact, jane, email):
        with stored.nothing_written():
            answer = alice.post("/api/clients/", jane | {"email": email, "company": "A new one"})
        assert (answer.status_code, answer.json()) == (400, TAKEN)

    def test_takes_an_address_that_a_client_of_another_workspace_has(self, stranger, contact, jane):
        assert stranger.post("/api/clients/", jane | {"email": contact.email}).status_code == 201

    def test_takes_a_phone_that_another_client_has(self, alice, contact, jane):
        made = alice.post("/api/clients/", jane | {"phone": contact.phone})
        assert (made.status_code, made.json()["phone"]) == (201, contact.phone)
        assert Contact.objects.of(alice.actor).get(pk=made.json()["id"]).phone_key is None

    @pytest.mark.parametrize("name", ["Acme Corp", "acme corp", "  ACME   CORP ", "Ácmé Corp"])
    def test_finds_the_company_without_regard_to_case_or_accents(self, alice, contact, jane, name):
        made = alice.post("/api/clients/", jane | {"company": name}).json()
        assert made["company"] == "Acme Corp"
        assert Company.objects.of(alice.actor).count() == 1

    def test_makes_the_company_that_is_not_there(self, alice, contact, jane):
        made = alice.post("/api/clients/", jane | {"company": " Compañía  Ñandú "}).json()
        assert made["company"] == "Compañía Ñandú"
        assert Company.objects.of(alice.actor).count() == 2

    def test_finds_no_company_of_another_workspace(self, stranger, contact, jane):
        stranger.post("/api/clients/", jane | {"company": "Acme Corp"})
        assert Company.objects.of(stranger.actor).count() == 1

    @pytest.mark.parametrize("company", ["", "   "])
    def test_takes_an_empty_company_for_none(self, alice, jane, company):
        assert alice.post("/api/clients/", jane | {"company": company}).json()["company"] == ""
        assert Company.objects.of(alice.actor).count() == 0

    def test_assigns_to_members_of_the_workspace_alone(self, alice, stranger, jane):
        for user_id in (stranger.user.pk, 999_999):
            with stored.nothing_written():
                answer = alice.post("/api/clients/", jane | {"assigned_to": user_id})
            assert answer.status_code == 400
            assert answer.json() == {"assigned_to": [f'Invalid pk "{user_id}" - object does not exist.']}


class TestUpdateClient:
    def test_needs_all_required_fields(self, alice, contact):
        with stored.nothing_written():
            answer = alice.put(f"/api/clients/{contact.pk}/", {"notes": "Only this"})
        assert (answer.status_code, answer.json()) == (400, REQUIRED)

    def test_answers_200_with_the_changed_client(self, alice, contact, jane):
        answer = alice.put(f"/api/clients/{contact.pk}/", jane | {"stage": "ACTIVE"})
        assert (answer.status_code, list(answer.json())) == (200, DETAIL)
        assert (answer.json()["first_name"], answer.json()["stage"]) == ("Jane", "ACTIVE")

    def test_takes_back_what_a_detail_showed(self, alice, contact):
        shown = alice.get(f"/api/clients/{contact.pk}/").json()
        answer = alice.put(f"/api/clients/{contact.pk}/", shown)
        assert (answer.status_code, answer.json()) == (200, shown)

    def test_keeps_optional_fields_that_are_left_out(self, alice, contact, jane):
        changed = alice.put(f"/api/clients/{contact.pk}/", jane).json()
        assert (changed["notes"], changed["company"], changed["stage"]) == ("Interested", "Acme Corp", "LEAD")

    def test_keeps_who_created_it(self, bob, alice, contact, jane):
        assert bob.put(f"/api/clients/{contact.pk}/", jane).json()["created_by_name"] == "alice"

    def test_refuses_the_address_of_another_client(self, alice, contact, jane):
        other = make.contact(alice.actor)
        with stored.nothing_written():
            answer = alice.put(f"/api/clients/{other.pk}/", jane | {"email": contact.email})
        assert (answer.status_code, answer.json()) == (400, TAKEN)

    def test_of_a_client_that_is_not_there_is_a_404(self, alice, jane):
        with stored.nothing_written():
            assert alice.put("/api/clients/999999/", jane | {"company": "A new one"}).status_code == 404


class TestPartialUpdateClient:
    def test_changes_the_given_fields_alone(self, alice, contact):
        before = alice.get(f"/api/clients/{contact.pk}/").json()
        after = alice.patch(f"/api/clients/{contact.pk}/", {"phone": "+9876543210"}).json()
        different = {name for name in before if before[name] != after[name]}
        assert different == {"phone", "updated_at"}

    def test_with_nothing_changes_nothing(self, alice, contact):
        before = alice.get(f"/api/clients/{contact.pk}/").json()
        with stored.nothing_written():
            assert alice.patch(f"/api/clients/{contact.pk}/", {}).json() == before

    def test_with_what_is_there_already_changes_nothing(self, alice, contact):
        before = alice.get(f"/api/clients/{contact.pk}/").json()
        with stored.nothing_written():
            assert alice.patch(f"/api/clients/{contact.pk}/", {"notes": "Interested"}).json() == before

    def test_keeps_its_own_address(self, alice, contact):
        answer = alice.patch(f"/api/clients/{contact.pk}/", {"email": "JOHN.DOE@example.com"})
        assert (answer.status_code, answer.json()["email"]) == (200, "JOHN.DOE@example.com")

    def test_frees_the_address_it_gives_up(self, alice, contact, jane):
        alice.patch(f"/api/clients/{contact.pk}/", {"email": "new@example.com"})
        assert alice.post("/api/clients/", jane | {"email": "john.doe@example.com"}).status_code == 201

    def test_unassigns_with_null(self, alice, contact):
        assert alice.patch(f"/api/clients/{contact.pk}/", {"assigned_to": None}).json()["assigned_to_name"] is None

    @pytest.mark.parametrize("name", ["first_name", "last_name", "email"])
    def test_does_not_empty_a_required_field(self, alice, contact, name):
        for value, sentence in (("", "This field may not be blank."), (None, "This field may not be null.")):
            with stored.nothing_written():
                answer = alice.patch(f"/api/clients/{contact.pk}/", {name: value})
            assert (answer.status_code, answer.json()) == (400, {name: [sentence]})


class TestDeleteClient:
    def test_answers_204_with_nothing(self, alice, contact):
        answer = alice.delete(f"/api/clients/{contact.pk}/")
        assert (answer.status_code, answer.content) == (204, b"")
        assert alice.get(f"/api/clients/{contact.pk}/").status_code == 404

    def test_keeps_its_interactions_unlinked(self, alice, contact):
        activity = make.activity(alice.actor, contact_id=contact.pk)
        alice.delete(f"/api/clients/{contact.pk}/")
        assert alice.get(f"/api/interactions/{activity.pk}/").json()["client"] is None

    def test_a_second_time_is_a_404(self, alice, contact):
        alice.delete(f"/api/clients/{contact.pk}/")
        assert alice.delete(f"/api/clients/{contact.pk}/").status_code == 404

    def test_frees_its_address_and_keeps_its_company(self, alice, contact, jane):
        alice.delete(f"/api/clients/{contact.pk}/")
        assert alice.post("/api/clients/", jane | {"email": contact.email}).status_code == 201
        assert Company.objects.of(alice.actor).count() == 1


class TestUpdateClientStage:
    def test_moves_the_client_and_leaves_a_note_that_says_from_what_to_what(self, alice, bob, contact):
        moved = bob.patch(f"/api/clients/{contact.pk}/update_stage/", {"stage": "ACTIVE"})
        assert (moved.status_code, list(moved.json()), moved.json()["stage"]) == (200, DETAIL, "ACTIVE")
        [note] = moved.json()["interactions"]
        assert (note["interaction_type"], note["client"], note["created_by_name"]) == ("NOTE", contact.pk, "bob")
        assert 0 <= note["description"].find("LEAD") < note["description"].find("ACTIVE")

    def test_to_where_it_is_leaves_no_note(self, alice, contact):
        with stored.nothing_written():
            moved = alice.patch(f"/api/clients/{contact.pk}/update_stage/", {"stage": "LEAD"})
        assert (moved.status_code, moved.json()["interactions"]) == (200, [])

    def test_moves_back_too(self, alice, contact):
        for stage in ("ACTIVE", "LEAD", "IN_PROGRESS"):
            moved = alice.patch(f"/api/clients/{contact.pk}/update_stage/", {"stage": stage})
        assert (moved.json()["stage"], len(moved.json()["interactions"])) == ("IN_PROGRESS", 3)

    @pytest.mark.parametrize("body", [{}, {"stage": "WON"}, {"stage": "active"}, {"stage": None}, {"stage": 1}])
    def test_refuses_what_is_no_stage(self, alice, contact, body):
        with stored.nothing_written():
            answer = alice.patch(f"/api/clients/{contact.pk}/update_stage/", body)
        assert (answer.status_code, list(answer.json())) == (400, ["stage"])

    def test_of_a_client_that_is_not_there_is_a_404(self, alice):
        assert alice.patch("/api/clients/999999/update_stage/", {"stage": "ACTIVE"}).status_code == 404
