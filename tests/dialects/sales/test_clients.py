"""/api/v1/clientes/."""

import pytest

from backend.modules.companies.models import Company
from backend.modules.contacts.models import Contact
from backend.modules.opportunities.models import Opportunity
from tests import make, stored

pytestmark = pytest.mark.django_db

PATH = "/api/v1/clientes/"
CLIENT = [
    "id", "nombre_completo", "empresa_id", "empresa", "cargo", "telefono", "email", "direccion", "notas",
    "fecha_creacion", "fecha_actualizacion",
]  # fmt: skip


@pytest.fixture
def acme(alice):
    return make.company(alice.actor, name="Acme")


@pytest.fixture
def ana(acme):
    """A body with every field."""
    return {
        "nombre_completo": "Ana María Pérez Ñahui", "empresa_id": acme.pk, "cargo": "Gerente",
        "telefono": "+51 987 654 321", "email": "Ana@Acme.example", "direccion": "Av. Larco 123", "notas": "VIP",
    }  # fmt: skip


def made(alice, body):
    answer = alice.post(PATH, body)
    assert answer.status_code == 201, answer.content
    return answer.json()["data"]


def names(answer):
    return [row["nombre_completo"] for row in answer.json()["data"]]


class TestCreateClient:
    def test_keeps_every_field(self, alice, ana):
        answer = alice.post(PATH, ana)
        assert (answer.status_code, answer.json()["message"]) == (201, "Cliente creado exitosamente")
        client = answer.json()["data"]
        assert list(client) == CLIENT
        assert {name: client[name] for name in ana} == ana
        assert client["empresa"] == "Acme"

    @pytest.mark.parametrize(
        ("given", "kept", "first", "last"),
        [
            ("Ana María Pérez", "Ana María Pérez", "Ana", "María Pérez"),
            ("  Ana \t María  ", "Ana María", "Ana", "María"),
            ("Cher", "Cher", "Cher", ""),
            ("李 小龍", "李 小龍", "李", "小龍"),
        ],
    )
    def test_splits_the_full_name_and_joins_it_back(self, alice, ana, given, kept, first, last):
        client = made(alice, ana | {"nombre_completo": given})
        assert client["nombre_completo"] == kept
        contact = Contact.objects.of(alice.actor).get(pk=client["id"])
        assert (contact.first_name, contact.last_name) == (first, last)

    def test_keeps_a_name_as_long_as_it_may_be(self, alice, ana):
        for name in ("x" * 200, "y " + "x" * 198):
            assert made(alice, ana | {"nombre_completo": name})["nombre_completo"] == name

    def test_is_404_for_a_company_that_is_not_there(self, alice, stranger, ana):
        others = make.company(stranger.actor)
        for company_id in (others.pk, 999_999):
            with stored.nothing_written():
                answer = alice.post(PATH, ana | {"empresa_id": company_id})
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")

    def test_takes_an_address_and_a_phone_that_another_client_has(self, alice, ana):
        made(alice, ana)
        second = Contact.objects.of(alice.actor).get(pk=made(alice, ana)["id"])
        assert (second.email, second.email_key, second.phone_key) == (ana["email"], None, None)

    def test_asks_for_the_required_fields(self, alice):
        details = alice.post(PATH, {}).json()["error"]["details"]
        required = ["nombre_completo", "empresa_id", "telefono", "email"]
        assert details == dict.fromkeys(required, ["Este campo es obligatorio."])

    @pytest.mark.parametrize(
        ("field", "value", "reason"),
        [
            ("nombre_completo", "  ", "Este campo no puede estar vacío."),
            ("email", "nobody", "Debe ser un correo electrónico válido."),
            ("telefono", "", "Este campo no puede estar vacío."),
            ("telefono", "1" * 21, "Debe tener como máximo 20 caracteres."),
            ("empresa_id", None, "Este campo no puede ser nulo."),
            ("empresa_id", "x", "Debe ser un número entero."),
            ("cargo", 5, "Debe ser un texto."),
        ],
    )
    def test_says_what_is_wrong_with_a_field(self, alice, ana, field, value, reason):
        with stored.nothing_written():
            answer = alice.post(PATH, ana | {field: value})
        assert answer.status_code == 400
        assert answer.json()["error"]["details"] == {field: [reason]}


class TestListClients:
    def test_is_a_page_with_the_newest_first(self, alice, stranger):
        for name in ("Uno", "Dos", "Tres"):
            make.contact(alice.actor, first_name=name, last_name="")
        make.contact(stranger.actor)
        page = alice.get(PATH).json()
        assert (page["count"], [row["nombre_completo"] for row in page["data"]]) == (3, ["Tres", "Dos", "Uno"])
        assert list(page["data"][0]) == CLIENT

    @pytest.mark.parametrize(
        ("term", "found"),
        [
            ("perez", True), ("PÉREZ", True), ("nahui", True), ("ére", True), ("ana perez", True), ("pe", True),
            ("acme", True), ("ana@acme", True), ("vip", True), ("987654321", True), ("987-654", True),
            ("+51 987", True), ("654 32", True), ("lopez", False), ("111 222", False),
        ],
    )  # fmt: skip
    def test_searches_names_address_phone_company_and_notes(self, alice, ana, term, found):
        made(alice, ana)
        make.contact(alice.actor, first_name="Luis", last_name="Gómez", phone="999 000 999")
        answer = alice.client.get(PATH, {"search": term}, headers={"Authorization": f"Bearer {alice.token}"})
        assert names(answer) == (["Ana María Pérez Ñahui"] if found else [])

    def test_filters_by_company(self, alice, ana):
        made(alice, ana)
        make.contact(alice.actor)
        page = alice.get(f"{PATH}?empresa_id={ana['empresa_id']}").json()
        assert (page["count"], len(page["data"])) == (1, 1)
        assert alice.get(f"{PATH}?empresa_id=999999").json()["count"] == 0
        assert names(alice.get(f"{PATH}?empresa_id={ana['empresa_id']}&search=quispe")) == []

    def test_orders_by_the_full_name(self, alice):
        for first, last in (("Ana", "Zeta"), ("Luis", ""), ("Ana", "Alfa")):
            make.contact(alice.actor, first_name=first, last_name=last)
        assert names(alice.get(f"{PATH}?ordering=nombre_completo")) == ["Ana Alfa", "Ana Zeta", "Luis"]
        assert names(alice.get(f"{PATH}?ordering=-nombre_completo")) == ["Luis", "Ana Zeta", "Ana Alfa"]

    def test_costs_the_same_queries_however_many_there_are(self, alice, counted, acme):
        for _ in range(5):
            make.contact(alice.actor, company_id=acme.pk)
        for query in ("", "?search=quispe", f"?empresa_id={acme.pk}&ordering=email"):
            counted(PATH + query, queries=3)


class TestGetClient:
    def test_answers_the_client(self, alice, ana):
        client = made(alice, ana)
        assert alice.get(f"{PATH}{client['id']}/").json() == {
            "success": True, "data": client, "message": "Cliente obtenido exitosamente",
        }  # fmt: skip

    def test_costs_two_queries(self, alice, ana, counted):
        counted(f"{PATH}{made(alice, ana)['id']}/", queries=2)


class TestUpdateClient:
    def test_changes_the_given_fields_alone(self, alice, ana):
        client = made(alice, ana)
        answer = alice.patch(f"{PATH}{client['id']}/", {"cargo": "Directora", "notas": None})
        assert (answer.status_code, answer.json()["message"]) == (200, "Cliente actualizado exitosamente")
        changed = answer.json()["data"]
        assert changed.pop("fecha_actualizacion") > client.pop("fecha_actualizacion")
        assert changed == client | {"cargo": "Directora", "notas": ""}

    def test_takes_back_the_empty_address_of_one_that_came_without_and_no_wrong_one(self, alice):
        path = f"{PATH}{make.contact(alice.actor, email='').pk}/"
        as_read = alice.get(path).json()["data"]
        assert as_read["email"] == ""
        assert alice.patch(path, as_read | {"cargo": "Directora"}).status_code == 200
        refused = alice.patch(path, {"email": "nobody"}).json()["error"]["details"]
        assert refused == {"email": ["Debe ser un correo electrónico válido."]}

    def test_moves_to_another_company_and_is_found_by_it(self, alice, ana):
        path = f"{PATH}{made(alice, ana)['id']}/"
        beta = make.company(alice.actor, name="Beta")
        assert alice.patch(path, {"empresa_id": beta.pk}).json()["data"]["empresa"] == "Beta"
        assert len(names(alice.get(f"{PATH}?search=beta"))) == 1
        assert names(alice.get(f"{PATH}?search=acme%20corp")) == []

    def test_is_404_for_a_company_that_is_not_there(self, alice, ana):
        path = f"{PATH}{made(alice, ana)['id']}/"
        with stored.nothing_written():
            assert alice.patch(path, {"empresa_id": 999_999, "cargo": "x"}).status_code == 404

    def test_takes_back_what_was_read(self, alice, ana):
        bare = make.contact(alice.actor)
        for client_id in (made(alice, ana)["id"], bare.pk):
            path = f"{PATH}{client_id}/"
            read = alice.get(path).json()["data"]
            answer = alice.patch(path, read)
            assert (answer.status_code, answer.json()["data"]) == (200, read)

    def test_renames(self, alice, ana):
        path = f"{PATH}{made(alice, ana)['id']}/"
        assert alice.patch(path, {"nombre_completo": "Eva"}).json()["data"]["nombre_completo"] == "Eva"
        assert names(alice.get(f"{PATH}?search=perez")) == []


class TestDeleteClient:
    def test_removes_it(self, alice, ana):
        answer = alice.delete(f"{PATH}{made(alice, ana)['id']}/")
        assert (answer.status_code, answer.json()) == (
            200, {"success": True, "message": "Cliente eliminado exitosamente"},
        )  # fmt: skip
        assert not Contact.objects.of(alice.actor).exists()

    def test_is_refused_with_the_count_of_open_opportunities(self, alice):
        contact = make.contact(alice.actor)
        for stage in ("prospecto", "negociacion", "cerrada_perdida"):
            make.opportunity(alice.actor, stage=stage, contact_id=contact.pk)
        with stored.nothing_written():
            answer = alice.delete(f"{PATH}{contact.pk}/")
        assert answer.status_code == 409
        assert answer.json()["error"] == {
            "code": "CONSTRAINT_ERROR",
            "message": "El cliente aún tiene oportunidades abiertas (2)",
            "details": {"oportunidades": ["Tiene 2."]},
        }

    def test_leaves_closed_opportunities_and_activities_unlinked(self, alice):
        contact = make.contact(alice.actor)
        won = make.opportunity(alice.actor, stage="cerrada_ganada", contact_id=contact.pk)
        call = make.activity(alice.actor, contact_id=contact.pk, opportunity_id=won.pk)
        assert alice.delete(f"{PATH}{contact.pk}/").status_code == 200
        assert Opportunity.objects.of(alice.actor).get(pk=won.pk).contact_id is None
        shown = alice.get(f"/api/v1/actividades/{call.pk}/").json()["data"]
        assert (shown["cliente_id"], shown["oportunidad_id"]) == (None, won.pk)


class TestAClientOfTheOtherDialect:
    def test_that_onboarding_made_is_here_with_its_company(self, alice):
        jane = {"first_name": "Jane", "last_name": "van der Berg", "email": "jane@example.com", "company": "Ñandú SAC"}
        client_id = alice.post("/api/clients/", jane | {"phone": "+51 911 222 333"}).json()["id"]
        shown = alice.get(f"{PATH}{client_id}/").json()["data"]
        assert (shown["nombre_completo"], shown["telefono"]) == ("Jane van der Berg", "+51 911 222 333")
        assert shown["empresa"] == "Ñandú SAC"
        company = alice.get(f"/api/v1/empresas/{shown['empresa_id']}/").json()["data"]
        assert [row["id"] for row in company["clientes"]] == [client_id]

    def test_that_was_made_here_is_in_onboarding_with_its_company(self, alice, ana):
        shown = alice.get(f"/api/clients/{made(alice, ana)['id']}/").json()
        assert (shown["first_name"], shown["last_name"]) == ("Ana", "María Pérez Ñahui")
        assert (shown["company"], shown["email"], shown["stage"]) == ("Acme", "Ana@Acme.example", "LEAD")

    def test_shares_its_company_whatever_its_case_and_accents(self, alice, ana):
        jane = {"first_name": "Jane", "last_name": "Smith", "email": "jane@example.com", "company": "ÁCME"}
        client_id = alice.post("/api/clients/", jane).json()["id"]
        assert alice.get(f"{PATH}{client_id}/").json()["data"]["empresa_id"] == ana["empresa_id"]
        assert Company.objects.of(alice.actor).count() == 1

    def test_with_open_opportunities_is_not_deleted_there_either(self, alice):
        contact = make.contact(alice.actor)
        make.opportunity(alice.actor, contact_id=contact.pk)
        answer = alice.delete(f"/api/clients/{contact.pk}/")
        assert (answer.status_code, answer.json()) == (409, {"detail": "Still open with the client: opportunities 1."})
