"""One opportunity of /api/v1/oportunidades/: creating, reading, changing and deleting it."""

from decimal import Decimal

import pytest

from backend.modules.opportunities.models import Opportunity, StageChange
from tests import make, stored

pytestmark = pytest.mark.django_db

PATH = "/api/v1/oportunidades/"
KEYS = [
    "id", "nombre", "cliente_id", "cliente", "empresa_id", "empresa", "valor", "moneda", "probabilidad",
    "valor_ponderado", "etapa", "etapa_nombre", "estado", "resultado", "fecha_cierre_estimada", "fecha_cierre_real",
    "notas", "responsable_id", "usuario", "fecha_creacion", "fecha_actualizacion",
]  # fmt: skip


@pytest.fixture
def company(alice):
    return make.company(alice.actor, name="Acme Corp")


@pytest.fixture
def contact(alice, company):
    return make.contact(alice.actor, first_name="Ana", last_name="Pérez", company_id=company.pk)


@pytest.fixture
def licences(contact, company):
    return {
        "nombre": "Licencias 2026",
        "cliente_id": contact.pk,
        "empresa_id": company.pk,
        "valor": "12525.00",
        "moneda": "USD",
        "probabilidad": 33,
        "fecha_cierre_estimada": "2026-12-31",
        "etapa": "calificacion",
        "notas": "Incluye soporte",
    }


@pytest.fixture
def deal(alice, contact, company):
    return make.opportunity(alice.actor, contact_id=contact.pk, company_id=company.pk, stage="propuesta")


def path(deal) -> str:
    return f"{PATH}{deal.pk}/"


def moves(alice) -> list[tuple]:
    rows = StageChange.objects.of(alice.actor).order_by("id")
    return list(rows.values_list("from_stage__key", "to_stage__key", "reason", "changed_by__username"))


def details(answer) -> list[str]:
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR"), answer.content
    return list(answer.json()["error"]["details"])


class TestCreateOpportunity:
    def test_answers_201_with_everything_about_it(self, alice, licences):
        answer = alice.post(PATH, licences)
        body = answer.json()
        assert (answer.status_code, list(body)) == (201, ["success", "data", "message"])
        assert (body["success"], body["message"]) == (True, "Oportunidad creada exitosamente")
        data = body["data"]
        assert list(data) == KEYS
        assert {name: data[name] for name in licences} == licences
        assert (data["cliente"], data["empresa"], data["usuario"]) == ("Ana Pérez", "Acme Corp", "alice")
        assert (data["valor_ponderado"], data["etapa_nombre"]) == ("4133.25", "Calificación")
        assert (data["estado"], data["resultado"], data["fecha_cierre_real"]) == ("abierta", None, None)
        assert answer["ETag"] == '"1"'

    @pytest.mark.parametrize(
        ("stage", "key", "probability", "state", "outcome"),
        [
            ("prospecto", "prospecto", 10, "abierta", None),
            ("Calificación", "calificacion", 25, "abierta", None),
            ("PROPUESTA", "propuesta", 50, "abierta", None),
            ("negociación", "negociacion", 75, "abierta", None),
            ("Venta", "cerrada_ganada", 100, "cerrada", "ganada"),
            ("cerrada_perdida", "cerrada_perdida", 0, "cerrada", "perdida"),
        ],
    )
    def test_in_any_stage_takes_its_probability_and_outcome(
        self, alice, licences, stage, key, probability, state, outcome
    ):
        del licences["probabilidad"]
        data = alice.post(PATH, licences | {"etapa": stage}).json()["data"]
        assert (data["etapa"], data["probabilidad"], data["estado"], data["resultado"]) == (
            key,
            probability,
            state,
            outcome,
        )
        assert data["fecha_cierre_real"] == (str(alice.actor.today) if outcome else None)

    def test_in_a_closed_stage_does_not_take_another_probability(self, alice, licences):
        assert alice.post(PATH, licences | {"etapa": "venta"}).json()["data"]["probabilidad"] == 100
        assert alice.post(PATH, licences | {"etapa": "perdida"}).json()["data"]["probabilidad"] == 0

    def test_with_null_probability_takes_the_stages(self, alice, licences):
        assert alice.post(PATH, licences | {"probabilidad": None}).json()["data"]["probabilidad"] == 25

    def test_writes_where_it_began(self, alice, bob, licences):
        bob.post(PATH, licences)
        assert moves(alice) == [(None, "calificacion", "", "bob")]

    def test_needs_no_notes_no_currency_and_no_closing_date(self, alice, licences):
        for name in ("notas", "moneda", "fecha_cierre_estimada", "probabilidad"):
            del licences[name]
        data = alice.post(PATH, licences | {"notas": None}).json()["data"]
        assert (data["notas"], data["moneda"], data["fecha_cierre_estimada"]) == ("", "PEN", None)

    def test_names_every_field_that_is_missing(self, alice):
        with stored.nothing_written():
            answer = alice.post(PATH, {})
        assert details(answer) == ["nombre", "cliente_id", "empresa_id", "valor", "etapa"]

    @pytest.mark.parametrize("name", ["cliente_id", "empresa_id"])
    def test_of_a_record_that_is_not_there_is_a_404(self, alice, stranger, licences, name):
        theirs = {"cliente_id": make.contact(stranger.actor).pk, "empresa_id": make.company(stranger.actor).pk}
        for number in (999_999, theirs[name]):
            with stored.nothing_written():
                answer = alice.post(PATH, licences | {name: number})
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")

    @pytest.mark.parametrize("word", ["ganada", "", "negocia", None, 1, ["venta"]])
    def test_refuses_a_stage_that_is_none(self, alice, licences, word):
        with stored.nothing_written():
            assert details(alice.post(PATH, licences | {"etapa": word})) == ["etapa"]

    @pytest.mark.parametrize("word", ["pen", "GBP", "", None, 1])
    def test_refuses_another_currency(self, alice, licences, word):
        assert details(alice.post(PATH, licences | {"moneda": word})) == ["moneda"]

    @pytest.mark.parametrize("number", [-1, 101, 12.5, "x", True, 10**30])
    def test_refuses_a_probability_that_is_no_per_cent(self, alice, licences, number):
        assert details(alice.post(PATH, licences | {"probabilidad": number})) == ["probabilidad"]

    @pytest.mark.parametrize(
        "day", ["2026-02-30", "2026-13-01", "31/12/2026", "", 0, 1767225600, "1767225600", "0000-01-01", True]
    )
    def test_refuses_a_day_that_does_not_exist(self, alice, licences, day):
        assert details(alice.post(PATH, licences | {"fecha_cierre_estimada": day})) == ["fecha_cierre_estimada"]

    def test_refuses_a_field_that_it_does_not_know(self, alice, licences):
        assert details(alice.post(PATH, licences | {"valr": 1})) == ["valr"]

    def test_refuses_an_owner_of_another_workspace(self, alice, stranger, licences):
        assert details(alice.post(PATH, licences | {"responsable_id": stranger.user.pk})) == ["responsable_id"]


class TestTheValue:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            (0, "0.00"),
            ("0.00", "0.00"),
            (1, "1.00"),
            (10.5, "10.50"),
            ("10.5", "10.50"),
            ("0.01", "0.01"),
            ("999999999999.99", "999999999999.99"),
            (999999999999, "999999999999.00"),
            ("1e3", "1000.00"),
        ],
    )
    def test_is_a_number_or_a_text_with_two_places(self, alice, licences, given, kept):
        made = alice.post(PATH, licences | {"valor": given})
        assert made.status_code == 201
        assert alice.get(f"{PATH}{made.json()['data']['id']}/").json()["data"]["valor"] == kept
        assert Opportunity.objects.of(alice.actor).get().value == Decimal(kept)

    @pytest.mark.parametrize(
        "given",
        [
            "10.005", 10.005, "1000000000000", 10**12, 1e300, "1e400", -1, "-0.01", "NaN", "nan", "Infinity",
            "-Infinity", "mil", "1,000", "", None, True, [1], {"valor": 1},
        ],
    )  # fmt: skip
    def test_is_nothing_else(self, alice, licences, given):
        with stored.nothing_written():
            assert details(alice.post(PATH, licences | {"valor": given})) == ["valor"]

    def test_is_weighted_to_the_cent_half_up(self, alice, licences):
        data = alice.post(PATH, licences | {"valor": "2.01", "probabilidad": 50}).json()["data"]
        assert data["valor_ponderado"] == "1.01"


class TestGetOpportunity:
    def test_shows_what_creation_answered(self, alice, licences):
        made = alice.post(PATH, licences).json()["data"]
        answer = alice.get(f"{PATH}{made['id']}/")
        assert (answer.status_code, answer.json()["data"]) == (200, made)
        assert answer.json()["message"] == "Oportunidad obtenida exitosamente"

    def test_of_another_workspace_is_a_404_in_every_way(self, stranger, deal):
        with stored.nothing_written():
            answers = [
                stranger.get(path(deal)),
                stranger.patch(path(deal), {"nombre": "Mía"}),
                stranger.patch(f"{path(deal)}actualizar-etapa/", {"etapa": "venta"}),
                stranger.delete(path(deal)),
            ]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert {answer.json()["error"]["code"] for answer in answers} == {"NOT_FOUND"}


class TestUpdateOpportunity:
    def test_changes_the_given_fields_alone(self, alice, deal):
        before = alice.get(path(deal)).json()["data"]
        answer = alice.patch(path(deal), {"nombre": "Otra", "probabilidad": 60, "valor": 10})
        assert (answer.status_code, answer.json()["message"]) == (200, "Oportunidad actualizada exitosamente")
        after = answer.json()["data"]
        changed = {name for name in KEYS if before[name] != after[name]}
        assert changed == {"nombre", "probabilidad", "valor", "valor_ponderado", "fecha_actualizacion"}
        assert len(moves(alice)) == 1

    def test_takes_back_what_it_answered(self, alice, deal):
        alice.delete(f"/api/v1/clientes/{make.contact(alice.actor).pk}/")
        shown = alice.get(path(deal)).json()["data"]
        assert alice.patch(path(deal), shown).json()["data"] == shown

    def test_takes_back_what_it_answered_without_company_and_client(self, alice):
        alone = make.opportunity(alice.actor)
        shown = alice.get(path(alone)).json()["data"]
        assert (shown["cliente_id"], shown["empresa_id"]) == (None, None)
        assert alice.patch(path(alone), shown).json()["data"] == shown

    def test_takes_back_a_closed_one(self, alice, deal):
        shown = alice.patch(path(deal), {"resultado": "ganada"}).json()["data"]
        assert alice.patch(path(deal), shown).json()["data"] == shown

    @pytest.mark.parametrize("name", ["nombre", "valor", "moneda", "etapa", "estado"])
    def test_takes_no_null_for(self, alice, deal, name):
        assert details(alice.patch(path(deal), {name: None})) == [name]

    def test_to_a_client_or_company_that_is_not_there_is_a_404(self, alice, stranger, deal):
        for body in (
            {"cliente_id": make.contact(stranger.actor).pk},
            {"empresa_id": make.company(stranger.actor).pk},
            {"empresa_id": 999_999},
        ):
            assert alice.patch(path(deal), body).status_code == 404

    def test_on_an_old_version_is_a_412(self, alice, deal):
        assert alice.patch(path(deal), {"valor": 1}, If_Match='"1"').status_code == 200
        assert alice.patch(path(deal), {"valor": 2}, If_Match='"1"').status_code == 412


class TestDeleteOpportunity:
    def test_answers_200_with_a_message_alone(self, alice, deal):
        activity = make.activity(alice.actor, opportunity_id=deal.pk)
        answer = alice.delete(path(deal))
        assert answer.status_code == 200
        assert answer.json() == {"success": True, "message": "Oportunidad eliminada exitosamente"}
        assert (alice.get(path(deal)).status_code, alice.delete(path(deal)).status_code) == (404, 404)
        shown = alice.get(f"/api/v1/actividades/{activity.pk}/").json()["data"]
        assert shown["oportunidad_id"] is None

    def test_needs_the_permission(self, dario, deal):
        assert dario.get(path(deal)).status_code == 200
        assert dario.delete(path(deal)).status_code == 403
