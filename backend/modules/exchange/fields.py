"""What can be imported of a company and of a contact, and what a cell may hold. The rules are the API's."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from backend.core import folding
from backend.modules.contacts.models import Stage
from backend.modules.exchange import industries

LONGEST_NOTES = 20_000
MOST_EMPLOYEES = 10_000_000
WHOLE_NUMBER = re.compile(r"([0-9]{1,9})(?:[.,]0)?")  # spreadsheets make 95 into 95.0
GROUPED_NUMBER = re.compile(r"[0-9]{1,3}(?:[ ,.'\u00a0][0-9]{3})+")
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
        "full_name": _name(201),
        "email": _email,
        "phone": _name(20),
        "company_name": _name(200),
        "job_title": _name(100),
        "address": _text(1000),
        "notes": _notes,
        "stage": _stage,
    }
)
FIELDS = {"company": COMPANY, "contact": CONTACT}
