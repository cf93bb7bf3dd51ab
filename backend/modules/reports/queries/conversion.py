"""How many opportunities are won, where the others stay, and how long it takes."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q

from backend.core.actor import Actor
from backend.modules.opportunities import queries as opportunities
from backend.modules.opportunities.models import Outcome
from backend.modules.reports.queries import VIEW, percentage

OPEN_FOR = ExpressionWrapper(F("stage_entered_at") - F("created_at"), output_field=DurationField())


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
    closed = ~Q(stage__outcome=Outcome.OPEN)
    found = opportunities.visible_to(actor).aggregate(
        created=Count("id"),
        won=Count("id", filter=Q(stage__outcome=Outcome.WON)),
        lost=Count("id", filter=Q(stage__outcome=Outcome.LOST)),
        open_for=Avg(OPEN_FOR, filter=closed),
    )
    return Conversion(
        created=found["created"],
        won=found["won"],
        lost=found["lost"],
        passages=_passages(actor),
        days_to_close=_days(found["open_for"]),
    )


def _passages(actor: Actor) -> list[Passage]:
    """Each open stage, in order. To advance is to enter, later than this stage, one further on that is not lost."""
    moves = opportunities.moves(actor).order_by()
    later = Q(changed_at__gt=OuterRef("changed_at")) | Q(changed_at=OuterRef("changed_at"), id__gt=OuterRef("id"))
    further = moves.filter(
        later, opportunity=OuterRef("opportunity"), to_stage__position__gt=OuterRef("to_stage__position")
    ).exclude(to_stage__outcome=Outcome.LOST)
    entries = moves.filter(to_stage__outcome=Outcome.OPEN).values("to_stage_id")
    figures = {
        each["to_stage_id"]: each
        for each in entries.annotate(
            entered=Count("opportunity", distinct=True),
            advanced=Count("opportunity", distinct=True, filter=Exists(further)),
        )
    }
    none = {"entered": 0, "advanced": 0}
    return [
        Passage(stage.key, stage.name, figures.get(stage.pk, none)["entered"], figures.get(stage.pk, none)["advanced"])
        for stage in opportunities.stages(actor)
        if stage.outcome == Outcome.OPEN
    ]


def _days(span: timedelta | None) -> float | None:
    """Days with two places. One that was created closed took no time, though its stage is a moment older than it."""
    return None if span is None else max(0.0, round(span / timedelta(days=1), 2))
