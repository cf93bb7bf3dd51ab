"""The stages of a new workspace, in order."""

from typing import NamedTuple

from backend.modules.opportunities.models import Outcome


class DefaultStage(NamedTuple):
    key: str
    name: str
    probability: int
    outcome: Outcome = Outcome.OPEN


DEFAULTS = (
    DefaultStage("prospecto", "Prospecto", 10),
    DefaultStage("calificacion", "Calificación", 25),
    DefaultStage("propuesta", "Propuesta", 50),
    DefaultStage("negociacion", "Negociación", 75),
    DefaultStage("cerrada_ganada", "Venta", 100, Outcome.WON),
    DefaultStage("cerrada_perdida", "Perdida", 0, Outcome.LOST),
)
