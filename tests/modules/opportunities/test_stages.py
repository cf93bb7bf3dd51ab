"""The stages of a workspace, and how they are named."""

import pytest

from backend.core.action import action
from backend.modules.opportunities import actions, queries
from backend.modules.opportunities.models import Stage
from backend.modules.opportunities.queries import UnknownStage

pytestmark = pytest.mark.django_db

USUAL = [
    ("prospecto", "Prospecto", 10, "open"),
    ("calificacion", "Calificación", 25, "open"),
    ("propuesta", "Propuesta", 50, "open"),
    ("negociacion", "Negociación", 75, "open"),
    ("cerrada_ganada", "Venta", 100, "won"),
    ("cerrada_perdida", "Perdida", 0, "lost"),
]


class TestANewWorkspace:
    def test_has_the_usual_six_stages_in_order(self, alice):
        stages = queries.stages(alice.actor)
        assert [(each.key, each.name, each.probability, each.outcome) for each in stages] == USUAL

    def test_has_stages_of_its_own(self, alice, stranger):
        ours, theirs = ({each.pk for each in queries.stages(who.actor)} for who in (alice, stranger))
        assert not ours & theirs

    def test_gets_them_once(self, alice):
        actions.create_default_stages(alice.actor)
        assert len(queries.stages(alice.actor)) == 6


class TestFindStage:
    @pytest.mark.parametrize(
        "name", ["negociacion", "Negociación", "NEGOCIACION", "negociación", " negociaciÓn ", "NEGOCIACIO\u0301N"]
    )
    def test_takes_key_or_name_without_regard_to_case_and_accents(self, alice, name):
        assert queries.find_stage(alice.actor, name).key == "negociacion"

    @pytest.mark.parametrize("name", ["venta", "VENTA", "cerrada_ganada", "Cerrada_Ganada"])
    def test_finds_the_won_stage_by_either(self, alice, name):
        assert queries.find_stage(alice.actor, name).key == "cerrada_ganada"

    @pytest.mark.parametrize("name", ["", "ganada", "negocia", "negociacion 2", "1"])
    def test_finds_no_other(self, alice, name):
        with pytest.raises(UnknownStage):
            queries.find_stage(alice.actor, name)


class TestFirstStage:
    def test_is_the_first_of_its_outcome(self, alice):
        assert [queries.first_stage(alice.actor, outcome).key for outcome in ("open", "won", "lost")] == [
            "prospecto",
            "cerrada_ganada",
            "cerrada_perdida",
        ]

    def test_is_unknown_where_there_is_none(self, alice):
        action("test.remove")(lambda actor: Stage.objects.of(actor).filter(outcome="won").delete())(alice.actor)
        with pytest.raises(UnknownStage):
            queries.first_stage(alice.actor, "won")
