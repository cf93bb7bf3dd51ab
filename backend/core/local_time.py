"""When it is some local time on a day: pure arithmetic, no clock.

A time that the day does not have, because the clocks jump over it, is the first moment after the gap; of one that comes
twice the first counts, and the second is nothing.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment at which it is this time on this day there, in UTC."""
    local = datetime.combine(day, at, tzinfo=zone)  # fold=0: the first of two
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _end_of_gap(local)


def _end_of_gap(local: datetime) -> datetime:
    """When the clocks jump that skip this local time.

    Read with the offset of before the jump it is a moment after it, read with the offset of after it one before.
    """
    early, late = local.replace(fold=1).astimezone(UTC), local.astimezone(UTC)
    new = late.astimezone(local.tzinfo).utcoffset()
    seconds = range(int((late - early).total_seconds()) + 1)
    jump = bisect_left(seconds, True, key=lambda second: _offset(early + second * SECOND, local) == new)
    return (early + jump * SECOND).replace(microsecond=0)


def _offset(moment: datetime, local: datetime) -> timedelta | None:
    return moment.astimezone(local.tzinfo).utcoffset()
