"""Reading the figures that follow each write (`core/figures.py`), in the words of the reports.

They are those of the whole workspace, as is what `visible_to` lets anybody see of opportunities, activities, companies
and contacts. A module that hides rows from somebody needs figures by what it hides them by, or a report that reads its
rows again; `tests/modules/reports/test_whole_workspace.py` fails then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import cast

from backend.core import tally
from backend.core.actor import Actor
from backend.core.figures import SEPARATOR
from backend.modules.opportunities import queries as opportunities
from backend.modules.opportunities.models import Outcome, Stage

MICROSECOND = timedelta(microseconds=1)
DEALS = ("opportunities", "opportunities.value", "opportunities.weighted", "opportunities.open_for")
CLOSED = ("opportunities.closed", "opportunities.closed_value")
PASSAGES = ("passages.entered", "passages.advanced")

Totals = dict[str, dict[str, int]]  # by figure and key


@dataclass(frozen=True, slots=True)
class Group:
    """The opportunities of one currency that stand in one stage. The weighted value is not rounded."""

    stage: Stage
    currency: str
    count: int
    value: Decimal
    weighted: Decimal
    open_for: int  # microseconds, of all together


@dataclass(frozen=True, slots=True)
class Won:
    """The opportunities of one currency that were won on one day and stand in one stage."""

    day: date
    currency: str
    count: int
    value: Decimal


def read(actor: Actor, *names: str) -> Totals:
    """These figures of the actor's workspace, all as of one moment."""
    return tally.totals(cast(int, actor.workspace_id), *names)


def groups(found: Totals, stages: Iterable[Stage]) -> list[Group]:
    """The figures `DEALS`, as far as there are opportunities. Read the stages later than them, then none is missing."""
    by_id = {str(stage.pk): stage for stage in stages}
    rows, values, weights, spans = (found[name] for name in DEALS)
    return [
        Group(
            by_id[stage_id],
            currency,
            rows[key],
            money(values.get(key, 0)),
            Decimal(weights.get(key, 0)).scaleb(-4),
            spans.get(key, 0),
        )
        for key in rows
        if rows[key]
        for stage_id, currency in [key.split(SEPARATOR)]
    ]


def average_time(rows: Iterable[Group]) -> timedelta | None:
    """From creation to the stage where they stand; None of none."""
    found = list(rows)
    count = sum(each.count for each in found)
    return round(Fraction(sum(each.open_for for each in found), count)) * MICROSECOND if count else None


def won(actor: Actor, first: date, last: date) -> list[Won]:
    """What was won on these days, and the days between them."""
    days = {"since": first.isoformat(), "before": (last + timedelta(days=1)).isoformat()}
    found = tally.totals(cast(int, actor.workspace_id), *CLOSED, **days)
    stages = {str(stage.pk) for stage in opportunities.stages(actor) if stage.outcome == Outcome.WON}
    rows, values = (found[name] for name in CLOSED)
    return [
        Won(date.fromisoformat(day), currency, rows[key], money(values.get(key, 0)))
        for key in rows
        for day, stage_id, currency in [key.split(SEPARATOR)]
        if rows[key] and stage_id in stages
    ]


def money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
