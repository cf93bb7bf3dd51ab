"""When a subscription is due: pure arithmetic of local times and their time zones, no clock and no rows.

A slot is a moment. Each day, week or month has one: the local time on that day (see `core.local_time`).
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from backend.core.local_time import moment_of

DAY = timedelta(days=1)
# A slot may lie after midnight of the day it belongs to, where a gap ends with the day or has swallowed all of it.
LATEST = 2 * DAY


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often, and at what local time. `weekday` is 0 (Monday) to 6; of `day`, 1 to 31, a shorter month has its last.

    Every week needs `weekday`, every month `day`.
    """

    every: Every
    at: time
    zone: ZoneInfo
    weekday: int | None = None
    day: int | None = None


def next_slot(cadence: Cadence, after: datetime) -> datetime:
    """The first slot later than this moment, in UTC."""
    return next(moment for moment in _slots(cadence, after) if moment > after)


def passed_slots(cadence: Cadence, first: datetime, until: datetime) -> list[datetime]:
    """The slot `first` and those after it, up to and with this moment."""
    found = []
    while first <= until:
        found.append(first)
        first = next_slot(cadence, first)
    return found


def _slots(cadence: Cadence, after: datetime) -> Iterator[datetime]:
    """The slots from shortly before this moment on."""
    for day in _days(cadence, after.astimezone(cadence.zone).date() - LATEST):
        yield moment_of(day, cadence.at, cadence.zone)


def _days(cadence: Cadence, first: date) -> Iterator[date]:
    """The days that have a slot, from this one on."""
    if cadence.every == Every.MONTH:
        yield from (day for day in _days_of_months(cadence.day or 1, first) if day >= first)
        return
    step = 7 * DAY if cadence.every == Every.WEEK else DAY
    day = first
    if cadence.every == Every.WEEK:
        day += ((cadence.weekday or 0) - first.weekday()) % 7 * DAY
    while True:
        yield day
        day += step


def _days_of_months(wanted: int, first: date) -> Iterator[date]:
    year, month = first.year, first.month
    while True:
        _, length = monthrange(year, month)
        yield date(year, month, min(wanted, length))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
