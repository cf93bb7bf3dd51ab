import pytest

from backend.core.action import action
from backend.modules.exchange.stage_words import ALIASES, KNOWN, StageWords
from backend.modules.opportunities import queries
from backend.modules.opportunities.models import Stage
from backend.modules.opportunities.stages import DEFAULTS


@pytest.fixture
def words(alice):
    return lambda: StageWords(queries.stages(alice.actor))


class TestTheWords:
    def test_mean_stages_that_every_workspace_begins_with(self):
        assert set(ALIASES) == {stage.key for stage in DEFAULTS}

    def test_mean_one_stage_each(self):
        assert len(KNOWN) == sum(len(words.split(",")) for words in ALIASES.values())

    @pytest.mark.parametrize(
        ("word", "key"),
        [("Prospecting", "prospecto"), ("Engaging", "calificacion"), ("Won", "cerrada_ganada"),
         ("Lost", "cerrada_perdida"), ("Closed-Won", "cerrada_ganada"), ("closed_lost", "cerrada_perdida"),
         ("Negotiation/Review", "negociacion"), ("COTIZACIÓN", "propuesta"), ("cotizacion", "propuesta"),
         ("Venta", "cerrada_ganada"), ("perdida", "cerrada_perdida"), ("calificacion", "calificacion")],
    )  # fmt: skip
    def test_are_recognised(self, words, word, key):
        assert words().recognise(word).key == key

    @pytest.mark.parametrize("word", ["Limbo", "", "wonder", "close"])
    def test_others_are_not(self, words, word):
        assert words().recognise(word) is None


class TestAWorkspaceWithStagesOfItsOwn:
    def change(self, alice, **names):
        def write(actor):
            for stage in Stage.objects.of(actor).filter(key__in=names):
                stage.key, stage.name, stage.folded_name = names[stage.key]
                stage.save()

        action("test.rename")(write)(alice.actor)

    def test_is_asked_first(self, alice, words):
        self.change(alice, propuesta=("won_over", "Won", "won"))
        assert words().recognise("Won").key == "won_over"

    def test_has_another_stage_for_won(self, alice, words):
        self.change(alice, cerrada_ganada=("firmada", "Firmada", "firmada"))
        assert words().recognise("Closed Won").key == "firmada"

    def test_need_not_have_every_open_stage(self, alice, words):
        self.change(alice, calificacion=("filtro", "Filtro", "filtro"))
        assert words().recognise("Engaging") is None
        assert words().engaged.key == "prospecto"
