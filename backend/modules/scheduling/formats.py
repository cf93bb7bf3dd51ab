"""How a value looks to a reader, and how to a spreadsheet."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import dateformat, translation

from backend.modules.scheduling.findings import Kind, Text, say
from backend.modules.scheduling.periods import Days
from backend.modules.scheduling.slots import Cadence, Every

# Countries that write 1,234.56 though they speak Spanish; the others write 1.234,56.
WITH_POINT = frozenset({"PE", "MX", "GT", "HN", "NI", "PA", "PR", "SV", "DO", "US"})
SWAPPED = str.maketrans(",.", ".,")
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


class Reader:
    """Who reads: in which language, where, at which local time."""

    def __init__(self, language: str, *, region: str, zone: ZoneInfo) -> None:
        self.language, self.zone = language, zone
        self.has_point = language == "en" or region in WITH_POINT

    def say(self, label: Text | str) -> str:
        return say(label, self.language)

    def show(self, value: Any, kind: Kind) -> str:
        """The value as text; a dash for one that there is none of."""
        if value is None:
            return NOTHING
        if isinstance(value, datetime):
            return self._date(value.astimezone(self.zone), f"{DATE}, H:i")
        if isinstance(value, date):
            return self._date(value, DATE)
        if isinstance(value, str | Text):
            return self.say(value)
        if kind == "text":
            return str(value)
        return self._number(value, kind)

    def short(self, label: Text | str | date, kind: Kind) -> str:
        """What stands below a bar."""
        return self._date(label, SHORT[kind]) if isinstance(label, date) else self.say(label)

    def period(self, days: Days | None) -> str:
        """The days of a period; empty for none."""
        if days is None:
            return ""
        if days.first is None or days.last is None:
            return self.say(ALL_TIME)
        first, last = self._date(days.first, DATE), self._date(days.last, DATE)
        return first if first == last else f"{first} – {last}"

    def timing(self, cadence: Cadence) -> str:
        """How often and when, as `every Monday at 08:00 (America/Lima)`."""
        weekday = self._date(MONDAY + timedelta(days=cadence.weekday or 0), "l")
        facts = {"weekday": weekday, "day": cadence.day, "at": f"{cadence.at:%H:%M}", "zone": cadence.zone.key}
        return self.say(TIMING[cadence.every]).format_map(facts)

    def _date(self, moment: date, form: str) -> str:
        with translation.override(self.language):
            text = dateformat.format(moment, form)
        return text if self.language == "en" else text.lower()

    def _number(self, value: Any, kind: Kind) -> str:
        text = f"{value:,.2f}" if kind == "money" or not float(value).is_integer() else f"{value:,.0f}"
        text = text if self.has_point else text.translate(SWAPPED)
        return f"{text} %" if kind == "percent" else text


def plain(value: Any) -> Any:
    """The value of a CSV's cell, which a program can read whatever the language: as the exports have it."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value
