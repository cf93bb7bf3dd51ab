"""The words that other systems have for the stages of a pipeline, and ours."""

from collections.abc import Iterable, Sequence

from backend.core import folding
from backend.modules.opportunities.models import Outcome, Stage

# By the key of a stage that every workspace begins with.
ALIASES = {
    "prospecto": "prospecting, prospect, prospection, lead, new, open, identified, prospección, nuevo, nueva, abierta",
    "calificacion": (
        "engaging, engaged, qualification, qualified, qualifying, contacted, discovery, needs analysis, "
        "appointment scheduled, contactado, calificado, calificada"
    ),
    "propuesta": "proposal, proposal sent, quote, quoted, quotation, presentation, demo, cotización, presentación",
    "negociacion": "negotiation, negotiating, in negotiation, negotiation review, contract sent, en negociación",
    "cerrada_ganada": "won, closed won, win, sold, sale, ganada, ganado, vendida, vendido, cerrada ganada",
    "cerrada_perdida": "lost, closed lost, loss, perdido, cerrada perdida, rechazada",
}
OUTCOMES = {"cerrada_ganada": Outcome.WON, "cerrada_perdida": Outcome.LOST}
ENGAGED = "calificacion"


def _word(text: str) -> str:
    return folding.fold(text.replace("_", " ").replace("-", " ").replace("/", " "))


KNOWN = {_word(alias): key for key, words in ALIASES.items() for alias in words.split(",")}


class StageWords:
    """The stages of one workspace, to be found by its own names and by the words of other systems."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.stages = stages
        self._own = {_word(name): stage for stage in reversed(stages) for name in (stage.name, stage.key)}

    def recognise(self, word: str) -> Stage | None:
        """The stage that is called so here, else that of the usual meaning; None if nobody knows the word.

        A workspace without the usual stage for "won" or "lost" has its first one of that outcome.
        """
        key = KNOWN.get(_word(word))
        usual = self._first(stage for stage in self.stages if stage.key == key)
        same = self._first(stage for stage in self.stages if key in OUTCOMES and stage.outcome == OUTCOMES[key])
        return self._own.get(_word(word)) or usual or same

    @property
    def engaged(self) -> Stage | None:
        """Where an opportunity stood between being engaged and being closed: in qualification, else the first open."""
        usual = self._first(stage for stage in self.stages if stage.key == ENGAGED and stage.outcome == Outcome.OPEN)
        return usual or self._first(stage for stage in self.stages if stage.outcome == Outcome.OPEN)

    @staticmethod
    def _first(stages: Iterable[Stage]) -> Stage | None:
        return next(iter(stages), None)
