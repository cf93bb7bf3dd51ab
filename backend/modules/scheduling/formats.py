"""How a value looks to a reader, and how to a spreadsheet."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from backend.core.formats import Formats
from backend.modules.scheduling.findings import Kind, Text, say
from backend.modules.scheduling.periods import Days
from backend.modules.scheduling.slots import Cadence, Every

NOTHING = "–"
ALL_TIME = Text("Desde siempre", "All time")
TIMING = {
    Every.DAY: Text("cada día a las {at} ({zone})", "every day at {at} ({zone})"),
    Every.WEEK: Text("cada {weekday} a las {at} ({zone})", "every {weekday} at {at} ({zone})"),
    Every.MONTH: Text("cada mes, el día {day}, a las {at} ({zone})", "every month, on day {day}, at {at} ({zone})"),
}
MONDAY = date(2024, 1, 1)
DATE = "j M Y"
SHORT: dict[str, str] = {"day": "j M", "week": "j M", "month": "M Y"}


class Reader(Formats):
    """Who reads: in which language, where, at which local time."""

    def __init__(self, language: str, *, region: str, zone: ZoneInfo) -> None:
        super().__init__(language, region=region)
        self.zone = zone

    def say(self, label: Text | str) -> str:
        return say(label, self.language)

    def show(self, value: Any, kind: Kind) -> str:
        """The value as text; a dash for one that there is none of."""
        if value is None:
            return NOTHING
        if isinstance(value, datetime):
            return self.date(value.astimezone(self.zone), f"{DATE}, H:i")
        if isinstance(value, date):
            return self.date(value, DATE)
        if isinstance(value, str | Text):
            return self.say(value)
        if kind == "text":
            return str(value)
        return self._number(value, kind)

    def short(self, label: Text | str | date, kind: Kind) -> str:
        """What stands below a bar."""
        return self.date(label, SHORT[kind]) if isinstance(label, date) else self.say(label)

    def period(self, days: Days | None) -> str:
        """The days of a period; empty for none."""
        if days is None:
            return ""
        if days.first is None or days.last is None:
            return self.say(ALL_TIME)
        first, last = self.date(days.first, DATE), self.date(days.last, DATE)
        return first if first == last else f"{first} – {last}"

    def timing(self, cadence: Cadence) -> str:
        """How often and when, as `every Monday at 08:00 (America/Lima)`."""
        weekday = self.date(MONDAY + timedelta(days=cadence.weekday or 0), "l")
        facts = {"weekday": weekday, "day": cadence.day, "at": f"{cadence.at:%H:%M}", "zone": cadence.zone.key}
        return self.say(TIMING[cadence.every]).format_map(facts)

    def _number(self, value: Any, kind: Kind) -> str:
        text = self.number(value, places=2 if kind == "money" or not float(value).is_integer() else 0)
        return f"{text} %" if kind == "percent" else text


def plain(value: Any) -> Any:
    """The value of a CSV's cell, which a program can read whatever the language: as the exports have it."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value
