"""/clients: one phone, one client, in E.164; names kept whole; search by name."""

from importlib import import_module
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import QuerySet

from backend.modules.contacts.models import Contact
from tests import make, people
from tests.dialects.leads.conftest import faults

pytestmark = pytest.mark.django_db

ROW = ["id", "client_type", "contact_name", "phone", "email", "address", "created_at", "updated_at"]


def names(who, query):
    return [row["contact_name"] for row in who.get(f"/clients{query}").json()]


class TestCreating:
    def test_takes_the_document_s_example(self, alice, juan):
        answer = alice.post("/clients", juan)
        assert (answer.status_code, list(answer.json())) == (201, [*ROW, "leads"])
        assert answer.json().items() >= juan.items()

    @pytest.mark.parametrize(
        "spelling", ["+58 412 345 67 89", "+58 (412) 345-6789", "+58.412.345.6789", " +584123456789 ", "00584123456789"]
    )
    def test_takes_the_phone_in_any_spelling(self, alice, juan, spelling):
        assert alice.post("/clients", juan | {"phone": spelling}).json()["phone"] == "+584123456789"

    def test_takes_a_national_phone_of_the_workspace_s_country(self, caracas, juan):
        owner = people.person("owner", caracas, "admin")
        assert owner.post("/clients", juan | {"phone": "0412-345.67.89"}).json()["phone"] == "+584123456789"
        assert owner.post("/clients", juan | {"phone": "412 345 6789"}).status_code == 409

    @pytest.mark.parametrize(
        "name", ["Juan", "Juan Pérez", "María de los Ángeles Núñez  y Ruiz", "Ñ", "Acme, C.A. (Caracas)"]
    )
    def test_gives_the_name_back_with_its_white_space_folded(self, alice, juan, name):
        made = alice.post("/clients", juan | {"contact_name": f"  {name} "}).json()
        assert made["contact_name"] == " ".join(name.split())
        assert alice.get(f"/clients/{made['id']}").json()["contact_name"] == made["contact_name"]

    @pytest.mark.parametrize(
        ("field", "value", "kind"),
        [
            ("phone", "12", "value_error"), ("phone", "abc", "value_error"), ("phone", "", "string_too_short"),
            ("phone", None, "string_type"), ("contact_name", " ", "string_too_short"), ("email", "juan", "value_error"),
            ("client_type", "company", "enum"), ("notes", "x", "extra_forbidden"),
        ],
    )  # fmt: skip
    def test_names_the_field_that_is_wrong(self, alice, juan, field, value, kind):
        assert faults(alice.post("/clients", juan | {field: value})) == [(["body", field], kind)]

    def test_lacking_both_names_both(self, alice):
        expected = [(["body", "contact_name"], "missing"), (["body", "phone"], "missing")]
        assert faults(alice.post("/clients", {})) == expected

    def test_with_the_phone_of_a_client_of_another_dialect_is_a_409(self, alice, juan, contact):
        answer = alice.post("/clients", juan | {"phone": "+58 412 345 6789"})
        assert (answer.status_code, answer.json()) == (
            409, {"detail": "A contact with the phone +584123456789 already exists."},
        )  # fmt: skip

    def test_with_an_address_that_is_taken_is_none_of_this_dialect_s_business(self, alice, juan):
        make.contact(alice.actor, email="juan@example.com")
        assert alice.post("/clients", juan).status_code == 201


class TestChanging:
    @pytest.mark.parametrize(
        "body",
        [
            {"client_type": "juridical"}, {"contact_name": "Ana Núñez"}, {"phone": "+584123456780"},
            {"email": "otra@example.com"}, {"address": "Otra calle"}, {"email": None}, {"address": None},
        ],
        ids=str,
    )  # fmt: skip
    def test_of_one_field_leaves_the_others(self, alice, juan, body):
        before = alice.post("/clients", juan).json()
        after = alice.patch(f"/clients/{before['id']}", body).json()
        assert after == before | body | {"updated_at": after["updated_at"]}

    def test_to_a_phone_that_is_taken_is_a_409_and_to_one_s_own_is_none(self, alice, juan, contact):
        made = alice.post("/clients", juan | {"phone": "+584123456780"}).json()
        place = f"/clients/{made['id']}"
        assert alice.patch(place, {"phone": "+58 412 345 6789", "address": "x"}).status_code == 409
        assert alice.get(place).json()["address"] == juan["address"]
        assert alice.patch(place, {"phone": "+58 412 345 6780"}).status_code == 200

    @pytest.mark.parametrize("field", ["client_type", "contact_name", "phone"])
    def test_to_null_is_refused_where_it_makes_no_sense(self, alice, contact, field):
        [(location, _)] = faults(alice.patch(f"/clients/{contact.pk}", {field: None}))
        assert location == ["body", field]

    def test_takes_back_what_it_answered(self, alice, contact):
        read = alice.get(f"/clients/{contact.pk}").json()
        assert alice.patch(f"/clients/{contact.pk}", read).status_code == 200


class TestByPhone:
    @pytest.mark.parametrize("spelling", ["+58 412-345 6789", "+584123456789", "+58 (412) 345.67.89", "00584123456789"])
    def test_finds_any_spelling(self, alice, contact, spelling):
        assert alice.get(f"/clients/by-phone/{quote(spelling, safe='')}").json()["id"] == contact.pk
        assert alice.get(f"/clients/by-phone/{quote(spelling, safe='+() ')}").json()["id"] == contact.pk

    def test_finds_the_national_spelling_in_the_workspace_s_country(self, caracas, contact):
        owner = people.person("owner", caracas, "admin")
        assert owner.get("/clients/by-phone/0412-3456789").json()["id"] == contact.pk

    @pytest.mark.parametrize("phone", ["12", "abc", "+584120000000", "%00", "x" * 500])
    def test_of_nobody_is_a_404(self, alice, contact, phone):
        assert alice.get(f"/clients/by-phone/{phone}").status_code == 404


class TestTheList:
    @pytest.fixture
    def told(self, alice):
        for first, last, kind in (
            ("Ana", "Núñez", "natural"),
            ("Acme", "", "juridical"),
            ("Anaís", "Pérez", "natural"),
        ):
            make.contact(
                alice.actor, first_name=first, last_name=last, kind=kind, email="juan@example.com", notes="Ana"
            )

    def test_is_an_array_newest_first(self, alice, told):
        answer = alice.get("/clients")
        assert [row["contact_name"] for row in answer.json()] == ["Anaís Pérez", "Acme", "Ana Núñez"]
        assert (list(answer.json()[0]), answer.headers["X-Total-Count"]) == (ROW, "3")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("?client_type=juridical", ["Acme"]), ("?q=NUNEZ", ["Ana Núñez"]), ("?limit=1&skip=1", ["Acme"]),
            ("?ordering=first_name,-id", ["Acme", "Ana Núñez", "Anaís Pérez"]), ("?created_to=2020-01-01", []),
            ("/search?q=ana", ["Anaís Pérez", "Ana Núñez"]), ("/search?name=ANAIS", ["Anaís Pérez"]),
            ("/search?q=ana%20nu", ["Ana Núñez"]), ("/search?q=juan", []), ("/search?q=an&limit=1", ["Anaís Pérez"]),
            ("/search?q=me", []),
        ],
    )  # fmt: skip
    def test_is_narrowed(self, alice, told, query, found):
        assert names(alice, query) == found

    def test_of_a_search_by_names_follows_a_change_of_the_name(self, alice, told):
        [ana] = alice.get("/clients/search?q=nunez").json()
        alice.patch(f"/clients/{ana['id']}", {"contact_name": "Eva Ruiz"})
        assert names(alice, "/search?q=nunez") == []
        assert names(alice, "/search?q=eva") == ["Eva Ruiz"]

    def test_of_a_search_counts_what_it_finds(self, alice, told):
        assert alice.get("/clients/search?q=ana&limit=1").headers["X-Total-Count"] == "2"

    def test_of_contacts_from_before_is_searched_by_name_after_the_migration(self, alice, told, monkeypatch):
        QuerySet(Contact).update(name_text="")
        assert names(alice, "/search?q=anais") == []
        migration = import_module("backend.modules.contacts.migrations.0003_fill_name_text")
        monkeypatch.setattr(migration, "BATCH", 2)
        before = MigrationLoader(connection).project_state(("contacts", "0002_people_and_companies"))
        migration.fill(before.apps, SimpleNamespace(connection=connection))
        assert names(alice, "/search?q=anais") == ["Anaís Pérez"]
        assert not Contact.across_workspaces.filter(name_text="").exists()


class TestDeleting:
    def test_removes_a_client_without_open_leads(self, alice, contact):
        assert alice.delete(f"/clients/{contact.pk}").status_code == 204
        assert alice.get(f"/clients/{contact.pk}").status_code == 404

    def test_by_a_salesperson_tells_nothing_of_a_colleague_s_leads(self, alice, bob, contact):
        make.lead(alice.actor, contact)
        answer = bob.delete(f"/clients/{contact.pk}")
        assert (answer.status_code, answer.json()) == (409, {"detail": "Leads of the contact are still open."})

    def test_frees_the_phone(self, alice, juan, contact):
        alice.delete(f"/clients/{contact.pk}")
        assert alice.post("/clients", juan | {"phone": contact.phone}).status_code == 201
