"""What can be imported of each kind of record, and what a cell may hold. The rules are the API's."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from backend.core import folding
from backend.modules.contacts.models import Stage
from backend.modules.exchange import industries
from backend.modules.opportunities.models import Currency

LONGEST_NOTES = 20_000
MOST_EMPLOYEES = 10_000_000
WHOLE_NUMBER = re.compile(r"([0-9]{1,9})(?:[.,]0)?")  # spreadsheets make 95 into 95.0
GROUPED_NUMBER = re.compile(r"[0-9]{1,3}(?:[ ,.'\u00a0][0-9]{3})+")
AMOUNT = re.compile(r"((?:[0-9]{1,3}(?:[ ,'\u00a0][0-9]{3})+|[0-9]+)(?:\.[0-9]{1,2})?)")
LARGEST_AMOUNT = Decimal("999999999999.99")
EARLIEST = date(1900, 1, 1)
DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00)?)?")  # spreadsheets add a midnight
Parse = Callable[[str], Any]


class RowRefused(Exception):
    """The row breaks a rule. `column` is the file's name of the cell it is about, if it is about one."""

    def __init__(self, reason: str, *, column: str | None = None) -> None:
        super().__init__(f"{column}: {reason}" if column else reason)
        self.reason = reason


def _text(longest: int) -> Parse:
    def parse(cell: str) -> str:
        if "\0" in cell:
            raise RowRefused("null characters are not allowed")
        if len(cell) > longest:
            raise RowRefused(f"{len(cell)} characters; {longest} is the most")
        return cell

    return parse


def _name(longest: int) -> Parse:
    """A text of one line: white space is folded."""
    parse = _text(longest)
    return lambda cell: parse(folding.squash(cell))


def _full_name(cell: str) -> str:
    """A name of which each part, cut at the first space, is as short as a name has to be."""
    first, last = folding.split_name(cell)
    return folding.join_name(_name(100)(first), _name(100)(last))


def _notes(cell: str) -> str:
    return _text(LONGEST_NOTES)(cell.replace("\r\n", "\n").replace("\r", "\n"))


def _email(cell: str) -> str:
    try:
        validate_email(_text(254)(cell))
    except ValidationError:
        raise RowRefused(f"{_quoted(cell)} is not an e-mail address") from None
    return cell


def _website(cell: str) -> str:
    address = _text(300)(cell if "://" in cell else f"https://{cell}")
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError:
        raise RowRefused(f"{_quoted(cell)} is not a web address") from None
    return address


def _employees(cell: str) -> int:
    plain = re.sub(r"[^0-9]", "", cell) if GROUPED_NUMBER.fullmatch(cell) else cell
    match = WHOLE_NUMBER.fullmatch(plain)
    if match is None or int(match[1]) > MOST_EMPLOYEES:
        raise RowRefused(f"{_quoted(cell)} is not a whole number from 0 to {MOST_EMPLOYEES}")
    return int(match[1])


def _industry(cell: str) -> str:
    return industries.recognise(_text(LONGEST_NOTES)(cell))[0].value


def _amount(cell: str) -> Decimal:
    """A point before the cents: `1.054` might be a thousand or one, and is refused."""
    match = AMOUNT.fullmatch(cell)
    amount = Decimal(re.sub(r"[^0-9.]", "", match[1])) if match else None
    if amount is None or amount > LARGEST_AMOUNT:
        raise RowRefused(f"{_quoted(cell)} is not an amount from 0 to {LARGEST_AMOUNT}, with a point before the cents")
    return amount.quantize(Decimal("0.01"))


def _currency(cell: str) -> str:
    if cell.upper() not in Currency.values:
        raise RowRefused(f"{_quoted(cell)} is none of {', '.join(Currency.values)}")
    return cell.upper()


def _day(cell: str) -> date:
    match = DAY.fullmatch(cell)
    try:
        day = date.fromisoformat(match[1]) if match else None
    except ValueError:
        day = None
    if day is None or day < EARLIEST:
        raise RowRefused(f"{_quoted(cell)} is not a day as 2017-03-31, from {EARLIEST} on")
    return day


def _stage(cell: str) -> str:
    value = re.sub(r"[\s-]+", "_", cell.lower())
    if value not in Stage.values:
        raise RowRefused(f"{_quoted(cell)} is none of {', '.join(Stage.values)}")
    return value


def _quoted(cell: str) -> str:
    return repr(cell if len(cell) <= 50 else cell[:50] + "…")


COMPANY: Mapping[str, Parse] = MappingProxyType(
    {
        "name": _name(200),
        "industry": _industry,
        "employees": _employees,
        "website": _website,
        "phone": _name(20),
        "address": _text(1000),
        "notes": _notes,
    }
)
CONTACT: Mapping[str, Parse] = MappingProxyType(
    {
        "first_name": _name(100),
        "last_name": _name(100),
        "full_name": _full_name,
        "email": _email,
        "phone": _name(20),
        "company_name": _name(200),
        "job_title": _name(100),
        "address": _text(1000),
        "notes": _notes,
        "stage": _stage,
    }
)
USER: Mapping[str, Parse] = MappingProxyType(
    {
        "first_name": _name(100),
        "last_name": _name(100),
        "full_name": _full_name,
        "username": _name(150),
        "email": _email,
        "manager": _full_name,
    }
)
OPPORTUNITY: Mapping[str, Parse] = MappingProxyType(
    {
        "external_id": _name(100),
        "name": _name(200),
        "product": _name(200),
        "company_name": _name(200),
        "assignee": _name(254),
        "stage": _name(100),
        "value": _amount,
        "currency": _currency,
        "engaged_on": _day,
        "closed_on": _day,
        "expected_close_on": _day,
        "notes": _notes,
    }
)
FIELDS = {"company": COMPANY, "contact": CONTACT, "user": USER, "opportunity": OPPORTUNITY}
# Of each of these sets every file has to have one: what a record needs, and what it is recognised by.
NEEDED = {
    "company": [{"name"}],
    "contact": [{"first_name", "full_name"}, {"email", "phone"}],
    "user": [{"first_name", "full_name"}],
    "opportunity": [{"external_id"}, {"stage"}, {"name", "product"}],
}
