"""/v1/contacts."""

import pytest

from tests import make, stored

pytestmark = pytest.mark.django_db

PATH = "/v1/contacts"
CONTACT = [
    "id", "firstName", "lastName", "email", "phone", "jobTitle", "address", "notes", "accountId", "accountName",
    "createdAt", "updatedAt",
]  # fmt: skip


@pytest.fixture
def acme(alice):
    return make.company(alice.actor, name="Acme")


@pytest.fixture
def whole(acme):
    return {
        "firstName": "Ana María", "lastName": "Pérez", "email": "Ana@acme.example", "phone": "+51 987 654 321",
        "jobTitle": "Gerente", "address": "Av. Larco 123", "notes": "Prefiere el correo", "accountId": acme.pk,
    }  # fmt: skip


def first_names(answer) -> list[str]:
    return [row["firstName"] for row in answer.json()["items"]]


def details(answer) -> dict:
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR"), answer.content
    return answer.json()["error"]["details"]


class TestCreateContact:
    def test_answers_201_with_every_field(self, alice, whole):
        answer = alice.post(PATH, whole)
        assert (answer.status_code, answer["ETag"]) == (201, '"1"')
        made = answer.json()
        assert list(made) == CONTACT
        assert {name: made[name] for name in whole} == whole
        assert made["accountName"] == "Acme"

    def test_needs_a_first_name_alone(self, alice, whole):
        for body in ({"firstName": "Ana"}, dict.fromkeys(whole) | {"firstName": "Ana"}):
            made = alice.post(PATH, body).json()
            assert {made[name] for name in ("lastName", "email", "phone", "jobTitle", "address", "notes")} == {""}
            assert (made["accountId"], made["accountName"]) == (None, None)

    @pytest.mark.parametrize(
        ("field", "value", "reason"),
        [
            ("firstName", "", "Este campo no puede estar vacío."),
            ("firstName", None, "Este campo no puede ser nulo."),
            ("email", "ana", "Debe ser un correo electrónico válido."),
            ("phone", "1" * 21, "Debe tener como máximo 20 caracteres."),
            ("accountId", "uno", "Debe ser un número entero."),
            ("accountId", 2**63, "Debe ser menor o igual que 9223372036854775807."),
        ],
    )
    def test_says_what_is_wrong_with_a_field(self, alice, whole, field, value, reason):
        with stored.nothing_written():
            assert details(alice.post(PATH, whole | {field: value})) == {field: [reason]}

    def test_of_an_account_that_is_not_there_is_404(self, alice, stranger, whole):
        for number in (999_999, make.company(stranger.actor).pk):
            with stored.nothing_written():
                answer = alice.post(PATH, whole | {"accountId": number})
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")

    def test_takes_an_address_that_another_contact_has(self, alice, whole):
        alice.post(PATH, whole)
        assert alice.post(PATH, whole).json()["email"] == "Ana@acme.example"

    def test_is_what_the_other_dialects_call_a_client(self, alice, whole):
        made = alice.post(PATH, whole).json()
        shown = alice.get(f"/api/v1/clientes/{made['id']}/").json()["data"]
        assert (shown["nombre_completo"], shown["empresa"]) == ("Ana María Pérez", "Acme")
        assert alice.get(f"/api/clients/{made['id']}/").json()["first_name"] == "Ana María"

    def test_needs_the_permission(self, dario, whole):
        assert dario.post(PATH, whole).status_code == 403


class TestListContacts:
    def test_is_a_page_with_the_newest_first(self, alice, stranger):
        for name in ("Ana", "Beto"):
            make.contact(alice.actor, first_name=name)
        make.contact(stranger.actor)
        page = alice.get(PATH).json()
        assert (list(page), page["total"]) == (["items", "total", "page", "size"], 2)
        assert [row["firstName"] for row in page["items"]] == ["Beto", "Ana"]
        assert list(page["items"][0]) == CONTACT

    def test_narrows_by_account_and_by_search(self, alice, acme):
        make.contact(alice.actor, first_name="José", company_id=acme.pk)
        make.contact(alice.actor, first_name="Josefa")
        assert first_names(alice.get(f"{PATH}?accountId={acme.pk}")) == ["José"]
        assert first_names(alice.get(f"{PATH}?query=JOSE")) == ["Josefa", "José"]
        assert first_names(alice.get(f"{PATH}?query=jose&accountId={acme.pk}")) == ["José"]
        assert first_names(alice.get(f"{PATH}?query=")) == ["Josefa", "José"]
        assert first_names(alice.get(f"{PATH}?accountId=999999")) == []
        assert list(details(alice.get(f"{PATH}?accountId=x"))) == ["accountId"]

    def test_costs_the_same_queries_however_many_there_are(self, alice, acme, counted):
        for _ in range(5):
            make.contact(alice.actor, company_id=acme.pk)
        counted(PATH, queries=3)
        counted(f"{PATH}?accountId={acme.pk}&query=lucia&size=2", queries=3)


class TestGetContact:
    def test_answers_the_contact_with_its_version(self, alice, whole):
        made = alice.post(PATH, whole).json()
        answer = alice.get(f"{PATH}/{made['id']}")
        assert (answer.status_code, answer["ETag"], answer.json()) == (200, '"1"', made)

    def test_is_404_where_there_is_none(self, alice):
        assert alice.get(f"{PATH}/999").json()["error"]["code"] == "NOT_FOUND"


class TestUpdateContact:
    def test_keeps_the_optional_fields_that_are_left_out(self, alice, whole):
        made = alice.post(PATH, whole).json()
        changed = alice.put(f"{PATH}/{made['id']}", {"firstName": "Ana", "jobTitle": "Directora"}).json()
        assert changed.pop("updatedAt") > made.pop("updatedAt")
        assert changed == made | {"firstName": "Ana", "jobTitle": "Directora"}

    def test_to_no_account_parts_them(self, alice, whole):
        made = alice.post(PATH, whole).json()
        changed = alice.put(f"{PATH}/{made['id']}", whole | {"accountId": None}).json()
        assert (changed["accountId"], changed["accountName"]) == (None, None)

    def test_to_an_account_that_is_not_there_is_404(self, alice, stranger, whole):
        made = alice.post(PATH, whole).json()
        theirs = make.company(stranger.actor)
        with stored.nothing_written():
            assert alice.put(f"{PATH}/{made['id']}", whole | {"accountId": theirs.pk}).status_code == 404

    def test_takes_back_what_was_read(self, alice, whole):
        shown = alice.post(PATH, whole).json()
        assert alice.put(f"{PATH}/{shown['id']}", shown).json() == shown

    def test_of_an_old_version_is_412_with_the_contact_as_it_is(self, alice, whole):
        path = f"{PATH}/{alice.post(PATH, whole).json()['id']}"
        assert alice.put(path, {"firstName": "Eva"}, If_Match='"1"').status_code == 200
        stale = alice.put(path, {"firstName": "Luz"}, If_Match='"1"')
        assert (stale.status_code, stale.json()["firstName"]) == (412, "Eva")


class TestDeleteContact:
    def test_answers_204_with_nothing(self, alice):
        path = f"{PATH}/{make.contact(alice.actor).pk}"
        answer = alice.delete(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert alice.delete(path).status_code == 404

    def test_with_an_open_opportunity_is_409(self, alice):
        contact = make.contact(alice.actor)
        make.opportunity(alice.actor, contact_id=contact.pk)
        answer = alice.delete(f"{PATH}/{contact.pk}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONTACT_HAS_OPEN_OPPORTUNITIES")
