"""Periods that move with the day on which a report is made: whole days, weeks from Monday to Sunday, whole months."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)
ALL_TIME = "all_time"


class Days(NamedTuple):
    """The first and the last day, both included; None is no end on that side."""

    first: date | None
    last: date | None


def _last_month(today: date) -> Days:
    end = today.replace(day=1) - DAY
    return Days(end.replace(day=1), end)


def _week_of(day: date) -> date:
    return day - day.weekday() * DAY


PERIODS: dict[str, Callable[[date], Days]] = {
    "today": lambda today: Days(today, today),
    "yesterday": lambda today: Days(today - DAY, today - DAY),
    "last_7_days": lambda today: Days(today - 7 * DAY, today - DAY),
    "last_30_days": lambda today: Days(today - 30 * DAY, today - DAY),
    "this_week": lambda today: Days(_week_of(today), today),
    "last_week": lambda today: Days(_week_of(today) - 7 * DAY, _week_of(today) - DAY),
    "this_month": lambda today: Days(today.replace(day=1), today),
    "last_month": _last_month,
    ALL_TIME: lambda today: Days(None, None),
}
BOUNDED = tuple(name for name in PERIODS if name != ALL_TIME)


def days_of(period: str, today: date) -> Days:
    """The days of a period as it is on this day. "Last" ones end before it, "this" ones with it."""
    return PERIODS[period](today)
