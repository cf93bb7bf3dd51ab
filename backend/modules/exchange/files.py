"""The forms of a file with no bound: CSV and XLSX. Each writes in flat memory, however many rows there are."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Protocol

import xlsxwriter
from django.db.models import QuerySet

from backend.core import tabular
from backend.core.tabular import Column

Told = Callable[[int], None]  # of the rows that were written since it was told last
NUMBER = re.compile(r"-?\d{1,15}(\.\d+)?")  # a longer one would lose digits in a spreadsheet
SHEET_ROWS = 1_048_576  # what a sheet has place for, the headers among them
LONGEST_CELL = 32_767  # in units of UTF-16
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What stands in a file beside its rows: in CSV and XLSX the headers of the columns alone.

    `amounts` has the field of the currency of each column that is money; `made_at` is in the workspace's time zone;
    `filters` are the parameters as they were given.
    """

    columns: Sequence[Column]
    title: str
    workspace: str
    language: str
    made_by: str
    made_at: datetime
    filters: Mapping[str, Any]
    amounts: Mapping[str, str]


class Writer(Protocol):
    def __call__(self, file: BinaryIO, rows: QuerySet, about: About, told: Told) -> None: ...


def write_csv(file: BinaryIO, rows: QuerySet, about: About, told: Told) -> None:
    with closing(tabular.csv_pieces(rows, about.columns, done=told)) as pieces:
        for piece in pieces:
            file.write(piece)


def write_xlsx(file: BinaryIO, rows: QuerySet, about: About, told: Told) -> None:
    """Texts are texts, never formulas or links; numbers are numbers. A full sheet goes on in another."""
    columns = about.columns
    with TemporaryDirectory() as folder, closing(tabular.cells(rows, columns)) as batches:
        book = xlsxwriter.Workbook(file, OPTIONS | {"tmpdir": folder})
        sheet, place = _sheet(book, columns), 1
        for batch in batches:
            for row in batch:
                if place == SHEET_ROWS:
                    sheet, place = _sheet(book, columns), 1
                for number, (column, value) in enumerate(zip(columns, row, strict=True)):
                    _write_cell(sheet, place, number, column, value)
                place += 1
            told(len(batch))
        book.close()  # not by `with`, which packs what was interrupted, too


def _sheet(book: Any, columns: Sequence[Column]) -> Any:
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for number, column in enumerate(columns):
        sheet.write_string(0, number, column.header, bold)
    sheet.freeze_panes(1, 0)
    return sheet


def _write_cell(sheet: Any, row: int, number: int, column: Column, value: Any) -> None:
    if value is None:
        return
    text = str(value)
    if column.kind == "plain" and NUMBER.fullmatch(text):
        sheet.write_number(row, number, float(text))
    elif text.startswith("<r>"):  # in pieces, or xlsxwriter takes it for XML that it has written itself
        fitting = text.encode("utf-16-le")[: 2 * LONGEST_CELL].decode("utf-16-le", "ignore")
        sheet.write_rich_string(row, number, "<", "r", fitting[2:])
    else:
        sheet.write_string(row, number, text)
