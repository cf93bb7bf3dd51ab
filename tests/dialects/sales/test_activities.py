"""The operations under /api/v1/actividades/."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from tests import make, stored

pytestmark = pytest.mark.django_db

PATH = "/api/v1/actividades/"
KEYS = [
    "id", "tipo", "asunto", "descripcion", "fecha_hora", "estado", "cliente_id", "oportunidad_id", "resultado",
    "usuario_id", "usuario", "fecha_creacion", "fecha_actualizacion",
]  # fmt: skip
KINDS = {"llamada": "call", "correo": "email", "reunion": "meeting", "tarea": "task", "nota": "note"}


@pytest.fixture
def contact(alice):
    return make.contact(alice.actor)


@pytest.fixture
def deal(alice):
    return make.opportunity(alice.actor)


@pytest.fixture
def body(contact, deal):
    return {
        "tipo": "llamada",
        "asunto": "Seguimiento",
        "descripcion": "Revisar la propuesta",
        "fecha_hora": "2026-12-01T15:00:00Z",
        "cliente_id": contact.pk,
        "oportunidad_id": deal.pk,
    }


@pytest.fixture
def pending(alice, contact):
    return make.activity(alice.actor, status="pending", contact_id=contact.pk)


def path(activity) -> str:
    return f"{PATH}{activity.pk}/"


def details(answer) -> list[str]:
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR"), answer.content
    return list(answer.json()["error"]["details"])


def listed(who, **query) -> dict:
    answer = who.get(f"{PATH}?{urlencode(query)}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def ids(page) -> list[int]:
    return [row["id"] for row in page["data"]]


class TestCreateActivity:
    def test_answers_201_and_the_caller_is_its_author(self, bob, body):
        answer = bob.post(PATH, body)
        made = answer.json()
        assert (answer.status_code, list(made)) == (201, ["success", "data", "message"])
        assert made["message"] == "Actividad creada exitosamente"
        assert list(made["data"]) == KEYS
        assert {name: made["data"][name] for name in body} == body
        assert (made["data"]["usuario_id"], made["data"]["usuario"]) == (bob.user.pk, "bob")
        assert (made["data"]["estado"], made["data"]["resultado"]) == ("pendiente", "")

    def test_can_not_name_another_author(self, alice, bob, body):
        made = alice.post(PATH, body | {"usuario_id": bob.user.pk, "usuario": "bob"}).json()["data"]
        assert made["usuario"] == "alice"

    @pytest.mark.parametrize("kind", KINDS)
    def test_takes_the_five_kinds(self, alice, body, kind):
        assert alice.post(PATH, body | {"tipo": kind}).json()["data"]["tipo"] == kind

    @pytest.mark.parametrize("state", ["pendiente", "completada", "cancelada"])
    def test_takes_the_three_states(self, alice, body, state):
        made = alice.post(PATH, body | {"estado": state, "resultado": "Listo"}).json()["data"]
        assert (made["estado"], made["resultado"]) == (state, "Listo")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("tipo", "call"), ("tipo", "visita"), ("tipo", None), ("tipo", ""), ("tipo", 1), ("estado", "hecha"),
            ("estado", None), ("asunto", ""), ("asunto", "  "), ("asunto", None), ("asunto", "ñ" * 201),
            ("fecha_hora", "mañana"), ("fecha_hora", "2026-02-30T10:00:00Z"), ("fecha_hora", None),
            ("fecha_hora", 1767225600), ("fecha_hora", "1767225600"), ("fecha_hora", "2026-12-01T25:00:00Z"),
            ("cliente_id", "x"), ("oportunidad_id", True), ("descripcion", 5), ("asuto", "x"),
        ],
    )  # fmt: skip
    def test_refuses_what_is_not_valid(self, alice, body, name, value):
        with stored.nothing_written():
            assert details(alice.post(PATH, body | {name: value})) == [name]

    def test_needs_a_kind_a_subject_and_a_time_alone(self, alice):
        assert details(alice.post(PATH, {})) == ["tipo", "asunto", "fecha_hora"]
        made = alice.post(PATH, {"tipo": "tarea", "asunto": "Llamar", "fecha_hora": "2026-12-01T15:00:00Z"})
        assert made.status_code == 201
        assert [made.json()["data"][name] for name in ("cliente_id", "oportunidad_id", "descripcion")] == [
            None,
            None,
            "",
        ]

    def test_without_a_zone_is_meant_in_the_workspaces(self, alice, body):
        made = alice.post(PATH, body | {"fecha_hora": "2026-12-01T23:30:00"}).json()["data"]
        assert made["fecha_hora"] == "2026-12-02T04:30:00Z"

    @pytest.mark.parametrize("name", ["cliente_id", "oportunidad_id"])
    def test_of_a_record_that_is_not_there_is_a_404(self, alice, stranger, body, name):
        theirs = {"cliente_id": make.contact(stranger.actor).pk, "oportunidad_id": make.opportunity(stranger.actor).pk}
        for number in (999_999, theirs[name]):
            with stored.nothing_written():
                answer = alice.post(PATH, body | {name: number})
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


class TestListActivities:
    @pytest.fixture
    def many(self, alice, contact, deal):
        """Ten: two of each kind, every third with the contact, every second with the deal, one every twelve hours."""
        return [
            make.activity(
                alice.actor,
                kind=list(KINDS.values())[number % 5],
                status=("pending", "completed", "cancelled")[number % 3],
                contact_id=contact.pk if number % 3 == 0 else None,
                opportunity_id=deal.pk if number % 2 == 0 else None,
                occurs_at=datetime(2026, 3, 10 + number // 2, 5 + number % 2 * 12, tzinfo=UTC),
            ).pk
            for number in range(10)
        ]

    def test_is_a_page_the_latest_first(self, alice, many):
        page = listed(alice, page_size=4)
        assert list(page) == ["count", "next", "previous", "success", "data", "message"]
        assert (page["count"], ids(page)) == (10, many[::-1][:4])
        assert page["next"] == "http://testserver/api/v1/actividades/?page_size=4&page=2"
        assert alice.get(f"{PATH}{many[-1]}/").json()["data"] == page["data"][0]

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ({"tipo": "tarea"}, [3, 8]),
            ({"estado": "pendiente"}, [0, 3, 6, 9]),
            ({"estado": "cancelada"}, [2, 5, 8]),
            ({"cliente_id": "contact"}, [0, 3, 6, 9]),
            ({"oportunidad_id": "deal"}, [0, 2, 4, 6, 8]),
            ({"cliente_id": "contact", "oportunidad_id": "deal", "estado": "pendiente"}, [0, 6]),
            ({"fecha_desde": "2026-03-14"}, [8, 9]),
            ({"fecha_hasta": "2026-03-10"}, [0, 1]),
            ({"fecha_desde": "2026-03-11", "fecha_hasta": "2026-03-12", "tipo": "correo"}, []),
            ({"fecha_desde": "2026-03-11", "fecha_hasta": "2026-03-12", "tipo": "reunion"}, [2]),
            ({"cliente_id": 999_999}, []),
        ],
    )
    def test_keeps_what_matches(self, alice, many, contact, deal, query, kept):
        given = {name: {"contact": contact.pk, "deal": deal.pk}.get(value, value) for name, value in query.items()}
        page = listed(alice, **given, ordering="id")
        assert (page["count"], ids(page)) == (len(kept), [many[number] for number in kept])

    def test_days_begin_and_end_in_the_workspaces_time_zone(self, alice):
        at = ["2026-03-10T04:59:59.999999", "2026-03-10T05:00:00", "2026-03-11T04:59:59.999999", "2026-03-11T05:00:00"]
        moments = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in at]
        made = [make.activity(alice.actor, occurs_at=moment).pk for moment in moments]
        page = listed(alice, fecha_desde="2026-03-10", fecha_hasta="2026-03-10", ordering="id")
        assert ids(page) == made[1:3]

    @pytest.mark.parametrize(
        "query", ["tipo=call", "estado=", "cliente_id=x", "oportunidad_id=0", "fecha_desde=2026-02-30", "ordering=x"]
    )
    def test_refuses_what_it_can_not_understand(self, alice, query):
        assert details(alice.get(f"{PATH}?{query}")) == [query.split("=")[0]]

    @pytest.mark.parametrize("word", ["fecha_hora", "fecha_creacion", "asunto", "id"])
    def test_is_ordered_up_and_down(self, alice, many, word):
        up = [row[word] for row in listed(alice, ordering=word)["data"]]
        assert up == sorted(up)
        assert [row[word] for row in listed(alice, ordering=f"-{word}")["data"]] == up[::-1]

    def test_has_nothing_of_another_workspace(self, stranger, many):
        assert listed(stranger)["count"] == 0

    def test_costs_three_queries_for_any_number_of_rows(self, many, counted):
        for size in (1, 100):
            counted(f"{PATH}?page_size={size}", queries=3)


class TestUpdateActivity:
    def test_changes_the_given_fields_alone(self, alice, pending):
        before = alice.get(path(pending)).json()["data"]
        answer = alice.patch(path(pending), {"asunto": "Otro", "fecha_hora": "2026-12-02T10:00:00"})
        assert (answer.status_code, answer.json()["message"]) == (200, "Actividad actualizada exitosamente")
        after = answer.json()["data"]
        assert {name for name in KEYS if before[name] != after[name]} == {"asunto", "fecha_hora", "fecha_actualizacion"}
        assert after["fecha_hora"] == "2026-12-02T15:00:00Z"

    def test_takes_back_what_it_answered(self, alice, pending):
        shown = alice.get(path(pending)).json()["data"]
        assert alice.patch(path(pending), shown).json()["data"] == shown

    def test_unlinks_by_null(self, alice, pending):
        assert alice.patch(path(pending), {"cliente_id": None}).json()["data"]["cliente_id"] is None

    def test_to_a_record_of_another_workspace_is_a_404(self, alice, stranger, pending):
        assert alice.patch(path(pending), {"cliente_id": make.contact(stranger.actor).pk}).status_code == 404
        assert alice.patch(path(pending), {"oportunidad_id": 999_999}).status_code == 404


class TestCompleteActivity:
    def test_answers_200_with_the_completed_activity(self, bob, pending):
        answer = bob.patch(f"{path(pending)}completar/", {"resultado": "Pidió una propuesta"})
        assert (answer.status_code, answer.json()["message"]) == (200, "Actividad marcada como completada")
        data = answer.json()["data"]
        assert (data["estado"], data["resultado"], data["usuario"]) == ("completada", "Pidió una propuesta", "alice")

    @pytest.mark.parametrize("state", ["completed", "cancelled"])
    def test_of_one_that_is_not_pending_is_a_400(self, alice, state):
        activity = make.activity(alice.actor, status=state)
        with stored.nothing_written():
            assert details(alice.patch(f"{path(activity)}completar/", {"resultado": "Otra vez"})) == ["estado"]
        assert alice.get(path(activity)).json()["data"]["resultado"] == ""

    def test_twice_is_a_400(self, alice, pending):
        alice.patch(f"{path(pending)}completar/", {"resultado": "Listo"})
        again = alice.patch(f"{path(pending)}completar/", {"resultado": "Otra vez"})
        assert details(again) == ["estado"]
        assert alice.get(path(pending)).json()["data"]["resultado"] == "Listo"

    @pytest.mark.parametrize("body", [{}, {"resultado": ""}, {"resultado": "  "}, {"resultado": None}])
    def test_needs_a_result(self, alice, pending, body):
        assert details(alice.patch(f"{path(pending)}completar/", body)) == ["resultado"]

    def test_of_none_is_a_404(self, stranger, pending):
        answer = stranger.patch(f"{path(pending)}completar/", {"resultado": "Listo"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


class TestDeleteActivity:
    def test_answers_200_with_a_message_alone(self, alice, pending):
        answer = alice.delete(path(pending))
        assert answer.json() == {"success": True, "message": "Actividad eliminada exitosamente"}
        assert (alice.get(path(pending)).status_code, alice.delete(path(pending)).status_code) == (404, 404)


class TestTheOtherDialect:
    def test_does_not_show_tasks(self, alice, body):
        made = {kind: alice.post(PATH, body | {"tipo": kind}).json()["data"]["id"] for kind in KINDS}
        page = alice.get("/api/interactions/").json()
        assert {row["id"] for row in page["results"]} == set(made.values()) - {made["tarea"]}

    def test_has_its_interactions_here_as_completed(self, alice, contact):
        interaction = {"client": contact.pk, "interaction_type": "EMAIL", "subject": "Hola", "description": "Saludo"}
        number = alice.post("/api/interactions/", interaction).json()["id"]
        shown = alice.get(f"{PATH}{number}/").json()["data"]
        assert (shown["tipo"], shown["estado"], shown["asunto"]) == ("correo", "completada", "Hola")
        assert (shown["cliente_id"], shown["descripcion"]) == (contact.pk, "Saludo")
