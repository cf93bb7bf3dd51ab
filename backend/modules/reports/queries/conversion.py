"""How many opportunities are won, where the others stay, and how long it takes."""

from dataclasses import dataclass
from datetime import timedelta

from backend.core.actor import Actor
from backend.modules.opportunities import queries as opportunities
from backend.modules.opportunities.models import Outcome, Stage
from backend.modules.reports.queries import VIEW, kept, percentage


@dataclass(frozen=True, slots=True)
class Passage:
    """How many opportunities ever entered an open stage, and how many of them went further on from there."""

    stage_key: str
    stage_name: str
    entered: int
    advanced: int

    @property
    def rate(self) -> float:
        return percentage(self.advanced, self.entered)


@dataclass(frozen=True, slots=True)
class Conversion:
    """`days_to_close` is the average from creation to being won or lost, None before anything was."""

    created: int
    won: int
    lost: int
    passages: list[Passage]
    days_to_close: float | None

    @property
    def rate(self) -> float:
        """Won per hundred closed."""
        return percentage(self.won, self.won + self.lost)


def conversion(actor: Actor) -> Conversion:
    """The opportunities that there are, by what became of them. A closed one was closed when it entered its stage."""
    actor.require(VIEW)
    found = kept.read(actor, *kept.DEALS, *kept.PASSAGES)
    stages = opportunities.stages(actor)
    deals = kept.groups(found, stages)
    return Conversion(
        created=sum(deal.count for deal in deals),
        won=sum(deal.count for deal in deals if deal.stage.outcome == Outcome.WON),
        lost=sum(deal.count for deal in deals if deal.stage.outcome == Outcome.LOST),
        passages=_passages(stages, *(found[name] for name in kept.PASSAGES)),
        days_to_close=_days(kept.average_time(deal for deal in deals if deal.stage.outcome != Outcome.OPEN)),
    )


def _passages(stages: list[Stage], entered: dict[str, int], advanced: dict[str, int]) -> list[Passage]:
    """Each open stage, in order. To advance is to enter, later than this stage, one further on that is not lost."""
    return [
        Passage(stage.key, stage.name, entered.get(str(stage.pk), 0), advanced.get(str(stage.pk), 0))
        for stage in stages
        if stage.outcome == Outcome.OPEN
    ]


def _days(span: timedelta | None) -> float | None:
    """Days with two places. One that was created closed took no time, though its stage is a moment older than it."""
    return None if span is None else max(0.0, round(span / timedelta(days=1), 2))
