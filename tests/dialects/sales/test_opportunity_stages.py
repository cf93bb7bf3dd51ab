"""Closing, reopening and moving an opportunity, by PATCH and by actualizar-etapa/."""

from datetime import date

import pytest

from tests import make, stored
from tests.dialects.sales.test_opportunities import PATH, details, moves, path

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(alice):
    return make.opportunity(alice.actor, stage="propuesta")


class TestClosingByPatch:
    @pytest.mark.parametrize(
        ("body", "stage", "probability"),
        [
            ({"resultado": "ganada"}, "cerrada_ganada", 100),
            ({"resultado": "perdida"}, "cerrada_perdida", 0),
            ({"estado": "cerrada", "resultado": "ganada"}, "cerrada_ganada", 100),
            ({"estado": "cerrada", "resultado": "perdida", "probabilidad": 50}, "cerrada_perdida", 0),
            ({"etapa": "Venta"}, "cerrada_ganada", 100),
            ({"etapa": "perdida", "estado": "cerrada"}, "cerrada_perdida", 0),
            ({"etapa": "venta", "estado": "cerrada", "resultado": "ganada"}, "cerrada_ganada", 100),
        ],
    )
    def test_moves_to_the_stage_of_the_outcome(self, alice, deal, body, stage, probability):
        data = alice.patch(path(deal), body).json()["data"]
        assert (data["etapa"], data["probabilidad"], data["estado"]) == (stage, probability, "cerrada")
        assert data["resultado"] == ("ganada" if probability else "perdida")
        assert data["fecha_cierre_real"] == str(alice.actor.today)
        assert moves(alice)[1:] == [("propuesta", stage, "", "alice")]

    @pytest.mark.parametrize(
        "body",
        [
            {"estado": "cerrada"},
            {"estado": "cerrada", "resultado": None},
            {"estado": "abierta", "resultado": "ganada"},
            {"etapa": "venta", "resultado": "perdida"},
            {"etapa": "venta", "estado": "abierta"},
            {"etapa": "venta", "resultado": None},
            {"etapa": "prospecto", "resultado": "ganada"},
            {"etapa": "prospecto", "estado": "cerrada"},
        ],
    )
    def test_that_contradicts_itself_is_a_400(self, alice, deal, body):
        before = alice.get(path(deal)).content
        with stored.nothing_written():
            assert details(alice.patch(path(deal), body)) == ["resultado"]
        assert alice.get(path(deal)).content == before

    def test_again_changes_nothing(self, alice, deal):
        first = alice.patch(path(deal), {"resultado": "ganada"}).json()
        assert alice.patch(path(deal), {"resultado": "ganada", "estado": "cerrada"}).json() == first
        assert len(moves(alice)) == 2

    def test_leaves_no_say_about_the_probability(self, alice, deal):
        alice.patch(path(deal), {"resultado": "ganada"})
        assert alice.patch(path(deal), {"probabilidad": 40}).json()["data"]["probabilidad"] == 100

    @pytest.mark.parametrize("closed", ["ganada", "perdida"])
    @pytest.mark.parametrize(
        ("body", "stage", "probability"),
        [
            ({"estado": "abierta"}, "prospecto", 10),
            ({"resultado": None}, "prospecto", 10),
            ({"estado": "abierta", "resultado": None}, "prospecto", 10),
            ({"etapa": "negociacion"}, "negociacion", 75),
            ({"etapa": "negociacion", "estado": "abierta", "resultado": None}, "negociacion", 75),
            ({"etapa": "negociacion", "probabilidad": 80}, "negociacion", 80),
        ],
    )
    def test_is_undone_by_going_back(self, alice, deal, closed, body, stage, probability):
        alice.patch(path(deal), {"resultado": closed})
        data = alice.patch(path(deal), body).json()["data"]
        assert (data["etapa"], data["probabilidad"]) == (stage, probability)
        assert (data["estado"], data["resultado"], data["fecha_cierre_real"]) == ("abierta", None, None)

    def test_of_an_open_one_with_null_for_an_outcome_leaves_it_where_it_is(self, alice, deal):
        data = alice.patch(path(deal), {"estado": "abierta", "resultado": None}).json()["data"]
        assert (data["etapa"], len(moves(alice))) == ("propuesta", 1)


class TestMoveOpportunity:
    def test_answers_200_with_the_opportunity_and_keeps_the_reason(self, bob, alice, deal):
        answer = bob.patch(f"{path(deal)}actualizar-etapa/", {"etapa": "Negociación", "notas": "Pidió otra"})
        assert (answer.status_code, answer.json()["message"]) == (200, "Etapa actualizada exitosamente")
        data = answer.json()["data"]
        assert (data["etapa"], data["probabilidad"], data["notas"]) == ("negociacion", 75, "")
        assert moves(alice)[1:] == [("propuesta", "negociacion", "Pidió otra", "bob")]

    def test_closes_and_opens_again(self, alice, deal):
        won = alice.patch(f"{path(deal)}actualizar-etapa/", {"etapa": "venta", "notas": None}).json()["data"]
        assert (won["estado"], won["resultado"], won["probabilidad"]) == ("cerrada", "ganada", 100)
        assert date.fromisoformat(won["fecha_cierre_real"]) == alice.actor.today
        back = alice.patch(f"{path(deal)}actualizar-etapa/", {"etapa": "propuesta"}).json()["data"]
        assert (back["estado"], back["resultado"], back["fecha_cierre_real"]) == ("abierta", None, None)
        assert back["probabilidad"] == 50

    def test_to_where_it_stands_is_no_move(self, alice, deal):
        answer = alice.patch(f"{path(deal)}actualizar-etapa/", {"etapa": "propuesta", "notas": "Otra vez"})
        assert (answer.status_code, len(moves(alice))) == (200, 1)

    @pytest.mark.parametrize("body", [{}, {"etapa": "ganada"}, {"etapa": ""}, {"etapa": None}, {"etapa": 3}])
    def test_to_no_stage_is_a_400(self, alice, deal, body):
        with stored.nothing_written():
            assert details(alice.patch(f"{path(deal)}actualizar-etapa/", body)) == ["etapa"]

    def test_of_none_is_a_404(self, alice):
        assert alice.patch(f"{PATH}999999/actualizar-etapa/", {"etapa": "venta"}).status_code == 404
