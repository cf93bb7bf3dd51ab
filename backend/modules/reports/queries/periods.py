"""The days, weeks or months of a period."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from backend.core.actor import Actor
from backend.core.errors import Invalid
from backend.modules.reports.queries import check_period

DAY = timedelta(days=1)
USUAL_DAYS = 30
MOST_BUCKETS = 1000


class TooManyBuckets(Invalid):
    """The period has more days, weeks or months than a report shows. Fact: `limit`."""

    code = "too_many_buckets"
    field = "last"


class Grouping(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Span(NamedTuple):
    """A day, week or month, clipped to the period. `name` is as `2026-11-21`, `2026-W47` (ISO 8601), `2026-11`."""

    name: str
    first: date
    last: date


def usual(actor: Actor, first: date | None, last: date | None) -> tuple[date, date]:
    """The period; without `last` it ends today, in the workspace's time zone, without `first` it has 30 days.

    Raises `PeriodReversed`.
    """
    last = last or actor.today
    first = first or last - (USUAL_DAYS - 1) * DAY
    check_period(first, last)
    return first, last


def spans(first: date, last: date, grouping: Grouping) -> list[Span]:
    """Each day, week or month of the period, in order. Raises `TooManyBuckets`."""
    found = list(islice(_spans(first, last, grouping), MOST_BUCKETS + 1))
    if len(found) > MOST_BUCKETS:
        raise TooManyBuckets(limit=MOST_BUCKETS)
    return found


def name_of(day: date, grouping: Grouping) -> str:
    """The name of the span that the day is in."""
    if grouping == Grouping.WEEK:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return f"{day:%Y-%m}" if grouping == Grouping.MONTH else day.isoformat()


def _spans(first: date, last: date, grouping: Grouping) -> Iterator[Span]:
    start = first
    while start <= last:
        end = min(_end(start, grouping), last)
        yield Span(name_of(start, grouping), start, end)
        start = end + DAY


def _end(day: date, grouping: Grouping) -> date:
    """The last day of the span that the day is in. Weeks begin on Monday."""
    if grouping == Grouping.WEEK:
        return day + (6 - day.weekday()) * DAY
    if grouping == Grouping.MONTH:
        return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY
    return day
