"""When a subscription is due, as tables over real time zones. Moments are written as ISO 8601 in UTC."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.local_time import moment_of
from backend.modules.scheduling.slots import DAY, Cadence, Every, next_slot, passed_slots

MONDAY, SUNDAY = 0, 6
ZONES = [
    "America/Santiago", "America/Mexico_City", "America/Asuncion", "America/Nuuk", "Europe/Madrid", "Africa/Cairo",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "UTC",
]  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cadence(every: Every, at: str, zone: str, **more: int) -> Cadence:
    return Cadence(every, time.fromisoformat(at), ZoneInfo(zone), **more)


def from_(start: str, number: int, wanted: Cadence) -> list[str]:
    """The first few slots after a moment."""
    found, moment = [], utc(start)
    for _ in range(number):
        moment = next_slot(wanted, moment)
        assert moment.tzinfo is UTC
        found.append(f"{moment:%Y-%m-%dT%H:%M}")
    return found


class TestADailySlot:
    @pytest.mark.parametrize(
        ("zone", "at", "start", "expected"),
        [
            ("UTC", "08:00", "2026-02-27T08:00", ["2026-02-28T08:00", "2026-03-01T08:00", "2026-03-02T08:00"]),
            ("UTC", "08:00", "2026-02-27T07:59", ["2026-02-27T08:00"]),
            ("UTC", "00:00", "2026-12-31T12:00", ["2027-01-01T00:00"]),
            ("Asia/Kathmandu", "00:00", "2026-01-01T00:00", ["2026-01-01T18:15", "2026-01-02T18:15"]),
            # Mexico has had no summer time since 2022, Asunción has had nothing else since 2024.
            ("America/Mexico_City", "07:30", "2026-04-04T12:00", ["2026-04-04T13:30", "2026-04-05T13:30"]),
            ("America/Asuncion", "07:30", "2026-03-21T12:00", ["2026-03-22T10:30", "2026-03-23T10:30"]),
            # 2026-03-29, 02:00 becomes 03:00; 2026-10-25, 03:00 becomes 02:00.
            ("Europe/Madrid", "08:00", "2026-03-28T00:00", ["2026-03-28T07:00", "2026-03-29T06:00"]),
            ("Europe/Madrid", "08:00", "2026-10-24T00:00", ["2026-10-24T06:00", "2026-10-25T07:00"]),
        ],
    )
    def test_is_at_the_local_time_of_each_day(self, zone, at, start, expected):
        assert from_(start, len(expected), cadence(Every.DAY, at, zone)) == expected

    @pytest.mark.parametrize(
        ("zone", "at", "start", "expected"),
        [
            ("Europe/Madrid", "02:00", "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T00:00"]),
            ("Europe/Madrid", "02:30", "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T00:30"]),
            ("Europe/Madrid", "02:59", "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T00:59"]),
            ("Europe/Madrid", "03:00", "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T01:00"]),
            # Midnight itself is missing: in Santiago on 2026-09-06, in Cairo on 2026-04-24.
            ("America/Santiago", "00:00", "2026-09-05T12:00", ["2026-09-06T04:00", "2026-09-07T03:00"]),
            ("America/Santiago", "00:45", "2026-09-05T12:00", ["2026-09-06T04:00", "2026-09-07T03:45"]),
            ("Africa/Cairo", "00:00", "2026-04-23T12:00", ["2026-04-23T22:00", "2026-04-24T21:00"]),
            # The gap ends with the day: in Nuuk on 2026-03-28, 23:00 is the next day's midnight.
            ("America/Nuuk", "23:30", "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T00:30"]),
            # Half an hour, on Lord Howe on 2026-10-04.
            ("Australia/Lord_Howe", "02:10", "2026-10-03T00:00", ["2026-10-03T15:30", "2026-10-04T15:10"]),
        ],
    )
    def test_that_the_clocks_jump_over_is_the_first_moment_after_the_gap(self, zone, at, start, expected):
        assert from_(start, len(expected), cadence(Every.DAY, at, zone)) == expected

    def test_of_a_day_that_was_swallowed_whole_is_the_next_days_first_moment(self):
        """Samoa had no 30 December 2011."""
        assert from_("2011-12-29T12:00", 3, cadence(Every.DAY, "08:00", "Pacific/Apia")) == [
            "2011-12-29T18:00", "2011-12-30T10:00", "2011-12-30T18:00",
        ]  # fmt: skip
        assert from_("2011-12-29T12:00", 2, cadence(Every.DAY, "00:00", "Pacific/Apia")) == [
            "2011-12-30T10:00", "2011-12-31T10:00",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("zone", "at", "start", "expected"),
        [
            ("Europe/Madrid", "02:30", "2026-10-24T12:00", ["2026-10-25T00:30", "2026-10-26T01:30"]),
            ("America/Santiago", "23:30", "2026-04-04T12:00", ["2026-04-05T02:30", "2026-04-06T03:30"]),
            ("Africa/Cairo", "23:30", "2026-10-29T12:00", ["2026-10-29T20:30", "2026-10-30T21:30"]),
        ],
    )
    def test_that_comes_twice_is_the_first_and_the_second_is_nothing(self, zone, at, start, expected):
        wanted = cadence(Every.DAY, at, zone)
        assert from_(start, len(expected), wanted) == expected
        second = utc(expected[0]) + timedelta(hours=1)
        assert second.astimezone(wanted.zone).time() == wanted.at
        assert next_slot(wanted, second - timedelta(seconds=1)) == utc(expected[1])


class TestAWeeklySlot:
    @pytest.mark.parametrize(
        ("zone", "weekday", "at", "start", "expected"),
        [
            ("UTC", MONDAY, "08:00", "2026-11-21T00:00", ["2026-11-23T08:00", "2026-11-30T08:00"]),
            ("UTC", MONDAY, "08:00", "2026-11-23T08:00", ["2026-11-30T08:00"]),
            # Monday in Kathmandu begins on a Sunday of UTC; Sunday evening in Mexico is a Monday of UTC.
            ("Asia/Kathmandu", MONDAY, "05:00", "2026-11-21T00:00", ["2026-11-22T23:15", "2026-11-29T23:15"]),
            ("America/Mexico_City", SUNDAY, "20:00", "2026-11-21T00:00", ["2026-11-23T02:00"]),
            ("Europe/Madrid", SUNDAY, "02:30", "2026-03-20T00:00", ["2026-03-22T01:30", "2026-03-29T01:00"]),
            ("Europe/Madrid", SUNDAY, "02:30", "2026-10-20T00:00", ["2026-10-25T00:30", "2026-11-01T01:30"]),
            ("America/Santiago", SUNDAY, "00:00", "2026-08-31T00:00", ["2026-09-06T04:00", "2026-09-13T03:00"]),
        ],
    )
    def test_is_on_its_day_of_each_week(self, zone, weekday, at, start, expected):
        assert from_(start, len(expected), cadence(Every.WEEK, at, zone, weekday=weekday)) == expected


class TestAMonthlySlot:
    @pytest.mark.parametrize(
        ("day", "start", "expected"),
        [
            (1, "2026-12-15T00:00", ["2027-01-01", "2027-02-01"]),
            (28, "2026-01-30T00:00", ["2026-02-28", "2026-03-28"]),
            (29, "2026-01-30T00:00", ["2026-02-28", "2026-03-29"]),
            (30, "2026-01-30T12:00", ["2026-02-28", "2026-03-30", "2026-04-30"]),
            (31, "2026-01-30T00:00", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
            (29, "2028-01-30T00:00", ["2028-02-29", "2028-03-29"]),
            (31, "2028-02-28T00:00", ["2028-02-29", "2028-03-31"]),
        ],
    )
    def test_is_on_its_day_or_the_last_of_a_shorter_month(self, day, start, expected):
        found = from_(start, len(expected), cadence(Every.MONTH, "09:00", "UTC", day=day))
        assert found == [f"{each}T09:00" for each in expected]

    @pytest.mark.parametrize(
        ("zone", "day", "at", "start", "expected"),
        [
            ("Asia/Kathmandu", 1, "00:30", "2026-11-15T00:00", ["2026-11-30T18:45"]),
            ("America/Mexico_City", 31, "23:00", "2026-10-31T12:00", ["2026-11-01T05:00", "2026-12-01T05:00"]),
            ("Europe/Madrid", 29, "02:30", "2026-03-01T12:00", ["2026-03-29T01:00", "2026-04-29T00:30"]),
            ("America/Santiago", 6, "00:00", "2026-08-10T00:00", ["2026-09-06T04:00", "2026-10-06T03:00"]),
            ("Africa/Cairo", 24, "00:30", "2026-04-01T00:00", ["2026-04-23T22:00", "2026-05-23T21:30"]),
        ],
    )
    def test_is_at_the_local_time_of_that_day(self, zone, day, at, start, expected):
        assert from_(start, len(expected), cadence(Every.MONTH, at, zone, day=day)) == expected


class TestTheSlotsThatHavePassed:
    def test_begin_with_the_first_and_end_with_the_moment_itself(self):
        daily = cadence(Every.DAY, "08:00", "UTC")
        first = utc("2026-11-18T08:00")
        assert [each.day for each in passed_slots(daily, first, utc("2026-11-20T08:00"))] == [18, 19, 20]
        assert [each.day for each in passed_slots(daily, first, utc("2026-11-20T07:59"))] == [18, 19]
        assert passed_slots(daily, first, utc("2026-11-18T07:59")) == []


cadences = st.builds(
    Cadence,
    every=st.sampled_from(Every),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)) | st.sampled_from([time(0), time(2, 30)]),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    weekday=st.integers(0, 6),
    day=st.integers(1, 31),
)


def days_of(wanted: Cadence, first: date, last: date) -> list[date]:
    """The days that should have a slot, found by looking at each day there is."""
    all_days = [first + number * DAY for number in range((last - first).days + 1)]
    if wanted.every == Every.DAY:
        return all_days
    if wanted.every == Every.WEEK:
        return [day for day in all_days if day.weekday() == wanted.weekday]
    return [day for day in all_days if day.day == wanted.day or (day.day < wanted.day and (day + DAY).day == 1)]


moments = st.integers(0, 11 * 366 * 24 * 60).map(lambda minutes: utc("2024-01-01") + timedelta(minutes=minutes))


class TestFiveYears:
    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(wanted=cadences, year=st.integers(2024, 2030))
    def test_have_exactly_one_slot_for_each_day_week_or_month_one_after_the_other(self, wanted, year):
        first, last = date(year, 1, 1), date(year + 5, 1, 1)
        start = moment_of(first, time(0), wanted.zone) - timedelta(seconds=1)
        expected = [moment_of(day, wanted.at, wanted.zone) for day in days_of(wanted, first, last)]
        end = expected[-1]
        assert passed_slots(wanted, next_slot(wanted, start), end) == expected
        assert all(before < after for before, after in pairwise(expected))
        assert max(Counter(_calendar(wanted, moment) for moment in expected).values()) == 1

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(wanted=cadences, moment=moments)
    def test_have_a_slot_at_its_local_time_or_right_after_a_gap(self, wanted, moment):
        slot = next_slot(wanted, moment)
        local = slot.astimezone(wanted.zone)
        assert slot > moment
        if local.time() != wanted.at:
            before = (slot - timedelta(seconds=1)).astimezone(wanted.zone)
            assert local.utcoffset() > before.utcoffset()
            assert before.time() < wanted.at or before.date() < local.date()


def _calendar(wanted: Cadence, moment: datetime) -> tuple[int, ...]:
    """The local day, week or month. A slot that a gap has moved past midnight stands for the day before."""
    local = moment.astimezone(wanted.zone)
    day = local.date() if local.time() >= wanted.at else local.date() - DAY
    if wanted.every == Every.WEEK:
        return day.isocalendar()[:2]
    return (day.year, day.month) if wanted.every == Every.MONTH else (day.year, day.month, day.day)
