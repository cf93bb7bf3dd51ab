"""The deals of the demo data: what the people who went beyond a first talk may buy, and how far each deal came."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from backend.demo import talk
from backend.demo.story import Event, Person, Story

OPEN = ("prospecto", "calificacion", "propuesta", "negociacion")
WON, LOST = "cerrada_ganada", "cerrada_perdida"
DAYS_IN_A_STAGE = 9  # on average


@dataclass(frozen=True, slots=True)
class Step:
    """An entry into a stage, and why."""

    moment: datetime
    stage: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity with the person of this number; the first of its steps is how it came into being."""

    person: int
    by: str
    name: str
    value: Decimal
    currency: str
    expected_close_on: date
    steps: list[Step]

    @property
    def is_open(self) -> bool:
        return self.steps[-1].stage in OPEN


def deals(story: Story, today: datetime, seed: int = 2) -> list[Deal]:
    """A deal for each person who was moved on from lead, in the order in which they began."""
    draw = random.Random(seed)  # noqa: S311 - it has to be the same each time
    begun = {event.person: event for event in reversed(story.events) if event.stage == "in_progress"}
    won = {event.person for event in story.events if event.stage == "active"}
    found = [_deal(draw, story.people[number], event, number in won, today) for number, event in begun.items()]
    return sorted(found, key=lambda deal: deal.steps[0].moment)


def _deal(draw: random.Random, person: Person, begun: Event, is_won: bool, today: datetime) -> Deal:
    steps = _steps(draw, begun.moment, is_won, today)
    rent = Decimal(draw.randrange(20, 400) * 100)
    return Deal(
        person=begun.person,
        by=begun.by,
        name=f"{draw.choice(talk.DEALS)} – {person.firm.name}",
        value=rent * draw.choice([12, 12, 24, 36]),
        currency="PEN" if person.firm.country == "PE" and draw.random() < 0.7 else "USD",
        expected_close_on=(begun.moment + timedelta(days=draw.randrange(30, 120))).date(),
        steps=steps,
    )


def _steps(draw: random.Random, moment: datetime, is_won: bool, today: datetime) -> list[Step]:
    """From stage to stage as far as there were days; a deal of somebody who became active was won at some time."""
    last = WON if is_won else draw.choice([LOST, ""])
    path = list(OPEN[: draw.randrange(1, len(OPEN) + 1)]) if last != WON else list(OPEN)
    steps: list[Step] = []
    for stage in [*path, last] if last else path:
        if moment >= today:
            break
        reason = draw.choice(talk.LOST_BECAUSE) if stage == LOST else ""
        steps.append(Step(moment, stage, reason))
        moment += timedelta(hours=2, seconds=int(draw.expovariate(1 / DAYS_IN_A_STAGE) * 86_400))
    return steps
