"""/api/v1/empresas/."""

from collections import Counter
from decimal import Decimal

import pytest

from backend.modules.companies.models import Company
from backend.modules.ledger.models import Entry
from tests import make, people, stored
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

PATH = "/api/v1/empresas/"
COMPANY = [
    "id", "nombre", "industria", "num_empleados", "sitio_web", "telefono", "direccion", "notas", "fecha_creacion",
    "fecha_actualizacion",
]  # fmt: skip
TAKEN = {
    "code": "CONSTRAINT_ERROR",
    "message": "Ya existe una empresa con este nombre",
    "details": {"nombre": ["Ya existe una empresa con este nombre"]},
}
WHOLE = {
    "nombre": "Acme Perú SAC", "industria": "tecnologia", "num_empleados": 250, "sitio_web": "https://acme.example",
    "telefono": "+51 1 234 5678", "direccion": "Av. Larco 123", "notas": "Desde 2019",
}  # fmt: skip


def names(answer):
    return [row["nombre"] for row in answer.json()["data"]]


class TestCreateCompany:
    def test_keeps_every_field(self, alice):
        answer = alice.post(PATH, WHOLE)
        assert (answer.status_code, answer.json()["message"]) == (201, "Empresa creada exitosamente")
        made = answer.json()["data"]
        assert list(made) == COMPANY
        assert {name: made[name] for name in WHOLE} == WHOLE

    def test_has_defaults_for_what_is_left_out_or_null(self, alice):
        bare = alice.post(PATH, {"nombre": "Bare"}).json()["data"]
        nulls = alice.post(PATH, dict.fromkeys(WHOLE) | {"nombre": "Nulls"}).json()["data"]
        for made in (bare, nulls):
            assert (made["industria"], made["num_empleados"]) == (None, None)
            assert {made[name] for name in ("sitio_web", "telefono", "direccion", "notas")} == {""}

    @pytest.mark.parametrize("name", ["Acme Perú SAC", "ACME PERÚ sac", "  acme   perú SAC "])
    def test_refuses_a_name_that_is_taken_whatever_its_case_and_spaces(self, alice, name):
        alice.post(PATH, WHOLE)
        with stored.nothing_written():
            answer = alice.post(PATH, {"nombre": name})
        assert (answer.status_code, answer.json()["error"]) == (409, TAKEN)

    def test_takes_a_name_that_differs_by_an_accent_or_belongs_to_others(self, alice, stranger):
        alice.post(PATH, WHOLE)
        assert alice.post(PATH, {"nombre": "Acme Peru SAC"}).status_code == 201
        assert stranger.post(PATH, WHOLE).status_code == 201

    @pytest.mark.parametrize(
        ("field", "value", "reason"),
        [
            ("nombre", " ", "Este campo no puede estar vacío."),
            ("nombre", "x" * 201, "Debe tener como máximo 200 caracteres."),
            ("industria", "technology", '"technology" no es una opción válida.'),
            ("num_empleados", -1, "Debe ser mayor o igual que 0."),
            ("num_empleados", "muchos", "Debe ser un número entero."),
            ("sitio_web", "javascript:alert(1)", "Debe ser una dirección web válida."),
            ("telefono", "1" * 21, "Debe tener como máximo 20 caracteres."),
        ],
    )
    def test_says_what_is_wrong_with_a_field(self, alice, field, value, reason):
        with stored.nothing_written():
            answer = alice.post(PATH, WHOLE | {field: value})
        assert answer.status_code == 400
        assert answer.json()["error"]["details"] == {field: [reason]}


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestTwentyCreationsOfOneName:
    def test_make_one_company_and_refuse_the_others(self, alice):
        people_at_once = [people.Person(alice.user, alice.workspace) for _ in range(20)]
        spellings = ["Ñandú SAC", "ñandú sac", " ÑANDÚ  SAC "]
        answers = at_once(20, lambda which: people_at_once[which].post(PATH, {"nombre": spellings[which % 3]}))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
        assert all(answer.json()["error"] == TAKEN for answer in answers if answer.status_code == 409)
        assert Entry.objects.of(alice.actor).filter(verb="company.created").count() == 1


class TestListCompanies:
    def test_is_a_page_by_name(self, alice, stranger):
        for name in ("Zeta", "Alfa", "Beta"):
            make.company(alice.actor, name=name)
        make.company(stranger.actor, name="Gamma")
        page = alice.get(PATH).json()
        assert list(page) == ["count", "next", "previous", "success", "data", "message"]
        assert (page["count"], page["message"]) == (3, "Listado obtenido exitosamente")
        assert [row["nombre"] for row in page["data"]] == ["Alfa", "Beta", "Zeta"]
        assert list(page["data"][0]) == COMPANY

    @pytest.mark.parametrize(
        ("term", "found"),
        [("nandu", True), ("ÑANDÚ", True), ("and", True), ("sac ñan", True), ("larco", True), ("socio", True),
         ("2345678", True), ("01-234-56-78", False), ("234 56 78", True), ("emu", False)],
    )  # fmt: skip
    def test_searches_name_phone_address_and_notes(self, alice, term, found):
        make.company(alice.actor, name="Ñandú SAC", phone="+51 1 234-5678", address="Av. Larco", notes="Socio fundador")
        make.company(alice.actor, name="Otra", phone="999 888 777")
        assert names(alice.client.get(PATH, {"search": term}, headers=bearer(alice))) == (
            ["Ñandú SAC"] if found else []
        )

    def test_filters_by_industry(self, alice):
        make.company(alice.actor, name="Clínica", industry="health")
        make.company(alice.actor, name="Banco", industry="finance")
        make.company(alice.actor, name="Nada")
        page = alice.get(f"{PATH}?industria=salud").json()
        assert (page["count"], [row["nombre"] for row in page["data"]]) == (1, ["Clínica"])
        assert names(alice.get(f"{PATH}?industria=salud&search=banco")) == []
        assert alice.get(f"{PATH}?industria=health").status_code == 400

    def test_orders_as_wanted_with_nothing_last(self, alice):
        for name, employees in (("A", 5), ("B", None), ("C", 9)):
            make.company(alice.actor, name=name, employees=employees)
        assert names(alice.get(f"{PATH}?ordering=num_empleados")) == ["A", "C", "B"]
        assert names(alice.get(f"{PATH}?ordering=-num_empleados")) == ["C", "A", "B"]
        assert names(alice.get(f"{PATH}?ordering=-nombre")) == ["C", "B", "A"]

    def test_costs_the_same_queries_however_many_there_are(self, alice, counted):
        for _ in range(5):
            make.company(alice.actor)
        counted(PATH, queries=3)
        counted(f"{PATH}?search=company&page_size=3", queries=3)


class TestGetCompany:
    @pytest.fixture
    def acme(self, alice):
        company = make.company(alice.actor, name="Acme")
        contact = make.contact(alice.actor, first_name="Ana", last_name="Pérez", company_id=company.pk)
        make.contact(alice.actor)
        for value in ("100", "250.50"):
            make.opportunity(alice.actor, value=Decimal(value), company_id=company.pk, contact_id=contact.pk)
        make.opportunity(alice.actor)
        return company

    def test_has_its_clients_and_opportunities(self, alice, acme):
        body = alice.get(f"{PATH}{acme.pk}/").json()
        assert body["message"] == "Empresa obtenida exitosamente"
        assert list(body["data"]) == [*COMPANY, "clientes", "oportunidades"]
        assert [row["nombre_completo"] for row in body["data"]["clientes"]] == ["Ana Pérez"]
        assert sorted(row["valor"] for row in body["data"]["oportunidades"]) == ["100.00", "250.50"]

    def test_shows_them_to_who_may_see_them(self, ours, acme):
        holder = people.person_holding(ours, "companies.view", "opportunities.view")
        found = holder.get(f"{PATH}{acme.pk}/").json()["data"]
        assert (found["clientes"], len(found["oportunidades"])) == ([], 2)

    def test_costs_the_same_queries_however_many_there_are(self, acme, counted):
        counted(f"{PATH}{acme.pk}/", queries=4)

    @pytest.mark.parametrize("company_id", [0, 999, 2**63, 10**30])
    def test_is_404_where_there_is_none(self, alice, company_id):
        answer = alice.get(f"{PATH}{company_id}/")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


class TestUpdateCompany:
    def test_changes_the_given_fields_alone(self, alice):
        made = alice.post(PATH, WHOLE).json()["data"]
        answer = alice.patch(f"{PATH}{made['id']}/", {"num_empleados": 300, "industria": None})
        assert (answer.status_code, answer.json()["message"]) == (200, "Empresa actualizada exitosamente")
        changed = answer.json()["data"]
        assert changed.pop("fecha_actualizacion") > made.pop("fecha_actualizacion")
        assert changed == made | {"num_empleados": 300, "industria": None}

    def test_takes_back_what_was_read(self, alice):
        path = f"{PATH}{alice.post(PATH, WHOLE).json()['data']['id']}/"
        assert alice.patch(path, alice.get(path).json()["data"]).status_code == 200

    def test_refuses_the_name_of_another_but_not_its_own(self, alice):
        make.company(alice.actor, name="Acme")
        path = f"{PATH}{make.company(alice.actor, name='Beta').pk}/"
        answer = alice.patch(path, {"nombre": " ACME "})
        assert (answer.status_code, answer.json()["error"]) == (409, TAKEN)
        assert alice.patch(path, {"nombre": "BETA"}).json()["data"]["nombre"] == "BETA"

    def test_is_found_by_its_new_name(self, alice):
        path = f"{PATH}{make.company(alice.actor, name='Acme').pk}/"
        alice.patch(path, {"nombre": "Cóndor"})
        assert names(alice.get(f"{PATH}?search=condor")) == ["Cóndor"]
        assert names(alice.get(f"{PATH}?search=acme")) == []


class TestDeleteCompany:
    def test_removes_it(self, alice):
        company = make.company(alice.actor)
        answer = alice.delete(f"{PATH}{company.pk}/")
        assert (answer.status_code, answer.json()) == (
            200, {"success": True, "message": "Empresa eliminada exitosamente"},
        )  # fmt: skip
        assert not Company.objects.of(alice.actor).exists()

    def test_is_refused_with_the_counts_of_what_holds_on_to_it(self, alice):
        company = make.company(alice.actor)
        contact = make.contact(alice.actor, company_id=company.pk)
        for stage in ("prospecto", "cerrada_ganada"):
            make.opportunity(alice.actor, stage=stage, company_id=company.pk, contact_id=contact.pk)
        with stored.nothing_written():
            answer = alice.delete(f"{PATH}{company.pk}/")
        assert answer.status_code == 409
        assert answer.json()["error"] == {
            "code": "CONSTRAINT_ERROR",
            "message": "La empresa aún tiene clientes (1) u oportunidades (2)",
            "details": {"clientes": ["Tiene 1."], "oportunidades": ["Tiene 2."]},
        }

    def test_is_refused_for_opportunities_alone(self, alice):
        company = make.company(alice.actor)
        make.opportunity(alice.actor, company_id=company.pk)
        details = alice.delete(f"{PATH}{company.pk}/").json()["error"]["details"]
        assert details == {"oportunidades": ["Tiene 1."]}


def bearer(person):
    return {"Authorization": f"Bearer {person.token}"}
