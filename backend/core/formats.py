"""How days and numbers are written for people, by their language and country."""

from datetime import date
from decimal import Decimal

from django.utils import dateformat, translation

# Countries that write 1,234.56 though they speak Spanish; the others write 1.234,56.
WITH_POINT = frozenset({"PE", "MX", "GT", "HN", "NI", "PA", "PR", "SV", "DO", "US"})
SWAPPED = str.maketrans(",.", ".,")


class Formats:
    def __init__(self, language: str, *, region: str) -> None:
        self.language = language
        self.has_point = language == "en" or region in WITH_POINT

    def date(self, moment: date, form: str) -> str:
        """The day or moment in a form of Django's `date` filter, names in small letters where the language has them."""
        with translation.override(self.language):
            text = dateformat.format(moment, form)
        return text if self.language == "en" else text.lower()

    def number(self, value: Decimal | float, *, places: int) -> str:
        text = f"{value:,.{places}f}"
        return text if self.has_point else text.translate(SWAPPED)
