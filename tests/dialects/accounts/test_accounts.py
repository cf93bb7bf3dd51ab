"""/v1/accounts: the companies that the workspace does business with."""

from collections import Counter

import pytest

from backend.modules.companies.models import Company
from tests import make, people, stored
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

PATH = "/v1/accounts"
ACCOUNT = ["id", "name", "website", "phone", "address", "notes", "createdAt", "updatedAt"]
WHOLE = {
    "name": "Acme Perú SAC", "website": "https://acme.example", "phone": "+51 1 234 5678", "address": "Av. Larco 123",
    "notes": "Desde 2019",
}  # fmt: skip
TAKEN = {
    "code": "COMPANY_NAME_TAKEN",
    "message": "Ya existe una cuenta con este nombre",
    "details": {"name": ["Ya existe una cuenta con este nombre"]},
}


def names(answer) -> list[str]:
    return [row["name"] for row in answer.json()["items"]]


def error(answer, status: int) -> dict:
    assert answer.status_code == status, answer.content
    return answer.json()["error"]


class TestCreateAccount:
    def test_answers_201_with_every_field(self, alice):
        answer = alice.post(PATH, WHOLE)
        assert (answer.status_code, answer["ETag"]) == (201, '"1"')
        made = answer.json()
        assert list(made) == ACCOUNT
        assert {name: made[name] for name in WHOLE} == WHOLE
        assert made["createdAt"].endswith("Z")

    def test_needs_a_name_alone(self, alice):
        for body in ({"name": "Bare"}, dict.fromkeys(WHOLE) | {"name": "Nulls"}):
            made = alice.post(PATH, body).json()
            assert {made[name] for name in ("website", "phone", "address", "notes")} == {""}

    @pytest.mark.parametrize("name", ["Acme Perú SAC", "ACME PERÚ sac", "  acme   perú SAC "])
    def test_of_a_name_that_is_taken_is_409(self, alice, name):
        alice.post(PATH, WHOLE)
        with stored.nothing_written():
            assert error(alice.post(PATH, {"name": name}), 409) == TAKEN

    def test_of_a_name_that_another_workspace_has_is_welcome(self, alice, stranger):
        alice.post(PATH, WHOLE)
        assert stranger.post(PATH, WHOLE).status_code == 201

    @pytest.mark.parametrize(
        ("field", "value", "reason"),
        [
            ("name", " ", "Este campo no puede estar vacío."),
            ("name", None, "Este campo no puede ser nulo."),
            ("name", "x" * 201, "Debe tener como máximo 200 caracteres."),
            ("website", "javascript:alert(1)", "Debe ser una dirección web válida."),
            ("phone", "1" * 21, "Debe tener como máximo 20 caracteres."),
            ("otra", 1, "Este campo no existe."),
        ],
    )
    def test_says_what_is_wrong_with_a_field(self, alice, field, value, reason):
        with stored.nothing_written():
            answer = alice.post(PATH, WHOLE | {field: value})
        assert error(answer, 400) == {
            "code": "VALIDATION_ERROR",
            "message": "Los datos proporcionados no son válidos",
            "details": {field: [reason]},
        }

    def test_needs_the_permission(self, dario):
        with stored.nothing_written():
            assert error(dario.post(PATH, WHOLE), 403)["code"] == "PERMISSION_DENIED"

    def test_sent_again_with_the_same_key_is_done_once(self, alice):
        first, second = (alice.post(PATH, WHOLE, Idempotency_Key="k") for _ in range(2))
        assert (second.status_code, second.content) == (201, first.content)
        assert Company.objects.of(alice.actor).count() == 1


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestTenCreationsOfOneName:
    def test_make_one_account_and_refuse_the_others(self, alice):
        callers = [people.Person(alice.user, alice.workspace) for _ in range(10)]
        answers = at_once(10, lambda which: callers[which].post(PATH, WHOLE))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}


class TestListAccounts:
    def test_is_a_page_by_name(self, alice, stranger):
        for name in ("Zeta", "Alfa", "Beta"):
            make.company(alice.actor, name=name)
        make.company(stranger.actor, name="Gamma")
        page = alice.get(PATH).json()
        assert list(page) == ["items", "total", "page", "size"]
        assert (page["total"], page["page"], page["size"]) == (3, 1, 20)
        assert [row["name"] for row in page["items"]] == ["Alfa", "Beta", "Zeta"]
        assert list(page["items"][0]) == ACCOUNT

    @pytest.mark.parametrize(
        ("term", "found"), [("nandu", True), ("ÑANDÚ", True), ("larco", True), ("2345678", True), ("emu", False)]
    )
    def test_searches_without_regard_to_case_and_accents(self, alice, term, found):
        make.company(alice.actor, name="Ñandú SAC", phone="+51 1 234-5678", address="Av. Larco")
        make.company(alice.actor, name="Otra")
        page = alice.get(f"{PATH}?query={term}").json()
        assert ([row["name"] for row in page["items"]], page["total"]) == (["Ñandú SAC"] * found, int(found))

    def test_takes_the_empty_filters_of_the_document(self, alice):
        make.company(alice.actor, name="Acme")
        assert names(alice.get(f"{PATH}?query=&page=1&size=20")) == ["Acme"]

    def test_costs_the_same_queries_however_many_there_are(self, alice, counted):
        counted(PATH, queries=3)
        for _ in range(5):
            make.company(alice.actor)
        counted(PATH, queries=3)
        counted(f"{PATH}?query=company&size=3", queries=3)


class TestGetAccount:
    def test_is_what_the_other_dialects_call_empresa(self, alice):
        made = alice.post("/api/v1/empresas/", {"nombre": "Acme", "telefono": "999", "industria": "salud"}).json()
        shown = alice.get(f"{PATH}/{made['data']['id']}").json()
        assert (list(shown), shown["name"], shown["phone"]) == (ACCOUNT, "Acme", "999")

    @pytest.mark.parametrize("number", [0, 999, 2**63, 10**30])
    def test_is_404_where_there_is_none(self, alice, number):
        assert error(alice.get(f"{PATH}/{number}"), 404)["code"] == "NOT_FOUND"


class TestUpdateAccount:
    def test_keeps_the_optional_fields_that_are_left_out(self, alice):
        made = alice.post(PATH, WHOLE).json()
        changed = alice.put(f"{PATH}/{made['id']}", {"name": "Acme SAC", "phone": None}).json()
        assert changed.pop("updatedAt") > made.pop("updatedAt")
        assert changed == made | {"name": "Acme SAC", "phone": ""}

    def test_leaves_what_this_dialect_does_not_show(self, alice):
        company = make.company(alice.actor, name="Acme", industry="health", employees=7)
        alice.put(f"{PATH}/{company.pk}", {"name": "Acme"} | WHOLE)
        company.refresh_from_db()
        assert (company.industry, company.employees) == ("health", 7)

    def test_needs_the_name(self, alice):
        company = make.company(alice.actor)
        details = error(alice.put(f"{PATH}/{company.pk}", {"phone": "1"}), 400)["details"]
        assert details == {"name": ["Este campo es obligatorio."]}

    def test_takes_back_what_was_read(self, alice):
        path = f"{PATH}/{alice.post(PATH, WHOLE).json()['id']}"
        shown = alice.get(path).json()
        assert alice.put(path, shown).json() == shown

    def test_to_the_name_of_another_is_409(self, alice):
        make.company(alice.actor, name="Acme Perú SAC")
        other = make.company(alice.actor, name="Beta")
        assert error(alice.put(f"{PATH}/{other.pk}", {"name": " ACME perú SAC"}), 409) == TAKEN

    def test_of_an_old_version_is_412_with_the_account_as_it_is(self, alice):
        path = f"{PATH}/{alice.post(PATH, WHOLE).json()['id']}"
        tag = alice.get(path)["ETag"]
        assert alice.put(path, {"name": "Acme SAC"}, If_Match=tag).status_code == 200
        stale = alice.put(path, {"name": "Acme SA"}, If_Match=tag)
        assert (stale.status_code, list(stale.json()), stale.json()["name"]) == (412, ACCOUNT, "Acme SAC")


class TestDeleteAccount:
    def test_answers_204_with_nothing(self, alice):
        path = f"{PATH}/{make.company(alice.actor).pk}"
        answer = alice.delete(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert alice.get(path).status_code == 404

    def test_with_dependants_is_409_and_says_how_many(self, alice):
        company = make.company(alice.actor)
        make.contact(alice.actor, company_id=company.pk)
        make.opportunity(alice.actor, company_id=company.pk)
        with stored.nothing_written():
            found = error(alice.delete(f"{PATH}/{company.pk}"), 409)
        assert found["code"] == "COMPANY_HAS_DEPENDANTS"
        assert found["message"] == "La cuenta aún tiene contactos (1) u oportunidades (1)"

    def test_needs_the_permission(self, alice, dario):
        assert dario.delete(f"{PATH}/{make.company(alice.actor).pk}").status_code == 403
