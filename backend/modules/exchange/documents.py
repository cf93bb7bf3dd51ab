"""A list as a PDF: for people, on paper. It is laid out a part at a time, in flat memory; its bound is one of time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO

from django.db.models import QuerySet
from django.template.loader import render_to_string

from backend.core import pdf, tabular
from backend.core.errors import Invalid
from backend.core.long_pdf import LongPdf
from backend.core.tabular import Column
from backend.modules.exchange.files import About, Told

MOST_ROWS = 5000  # docs/exports.md says what they cost
PART = 200  # rows that are laid out at a time
LONGEST_CELL = 300  # characters
WIDEST = 40  # characters that a column wants place for at most
PADDING = 3  # characters that are as wide as the space between two columns
LARGEST_FONT, SMALLEST_FONT = 8.0, 5.0  # points
LINE = 155  # characters that the page has place for in the largest font

Cell = tuple[str, bool]  # what it says, and whether it is a number
Row = Sequence[Any]


class TooManyRowsForPdf(Invalid):
    """The list is longer than a PDF may be. Fact: `limit`."""

    code = "too_many_rows_for_pdf"
    field = "format"


def check(rows: QuerySet) -> None:
    """Whether it can be written as things are. Raises `TooManyRowsForPdf` and `PdfUnavailable`."""
    pdf.check_available()
    _check_length(rows.order_by()[: MOST_ROWS + 1].count())


def write_pdf(file: BinaryIO, rows: QuerySet, about: About, told: Told) -> None:
    """A table under the title, the filters and the totals. Raises `TooManyRowsForPdf` and `PdfUnavailable`."""
    facts, shown = _read(rows, about, told)
    book, done = LongPdf(), 0
    while len(shown) - done > PART:
        placed = book.add(_html(facts, shown[done : done + PART], goes_on=done > 0))
        done += placed
        told(placed)
    book.end(_html(facts, shown[done:], goes_on=done > 0))
    told(len(shown) - done)

    def margins(pages: Sequence[int], of: int) -> str:
        told(0)  # whether it goes on
        return render_to_string("pdf/export_margins.html", {**facts, "pages": pages, "of": of})

    book.write(file, margins)


def _check_length(rows: int) -> None:
    if rows > MOST_ROWS:
        raise TooManyRowsForPdf(limit=MOST_ROWS)


def _read(rows: QuerySet, about: About, told: Told) -> tuple[Mapping[str, Any], Sequence[Sequence[Cell]]]:
    """What a document says beside its rows, and these as it shows them."""
    found: list[Row] = []
    with closing(tabular.cells(rows[: MOST_ROWS + 1], about.columns)) as batches:
        for batch in batches:
            found += batch
            told(0)  # whether it goes on
    _check_length(len(found))
    shown = [[_cell(column, value, about) for column, value in zip(about.columns, row, strict=True)] for row in found]
    facts = {
        "language": about.language,
        "title": about.title,
        "workspace": about.workspace,
        "by": about.made_by,
        "at": f"{about.made_at:%Y-%m-%d %H:%M} ({about.made_at.tzinfo})",
        "filters": {name: value for name, value in about.filters.items() if value not in (None, "")},
        "count": len(found),
        "sums": _sums(found, about),
    }
    return facts | _layout(about.columns, shown), shown


def _html(facts: Mapping[str, Any], part: Sequence[Sequence[Cell]], *, goes_on: bool) -> str:
    """Some of the rows; `goes_on`: others stand before them."""
    return render_to_string("pdf/export.html", {**facts, "rows": part, "goes_on": goes_on})


def _cell(column: Column, value: Any, about: About) -> Cell:
    if value is None:
        return "", False
    text = str(value)
    if column.kind == "moment":
        return f"{datetime.fromisoformat(text).astimezone(about.made_at.tzinfo):%Y-%m-%d %H:%M}", False
    if len(text) > LONGEST_CELL:
        text = f"{text[: LONGEST_CELL - 1]}…"
    return text, column.kind == "plain" and not column.words and text[-1:].isdigit() and "-" not in text[1:]


def _sums(found: Sequence[Row], about: About) -> dict[str, dict[str, Decimal]]:
    """The sum of each column that is money, by currency: of what stands there, so that it can be added up."""
    place = {column.field: number for number, column in enumerate(about.columns)}
    sums: dict[str, dict[str, Decimal]] = {}
    for amount, currency in about.amounts.items():
        by_currency: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in found:
            by_currency[row[place[currency]]] += Decimal(str(row[place[amount]]))
        sums[about.columns[place[amount]].header] = dict(sorted(by_currency.items()))
    return sums


def _layout(columns: Sequence[Column], shown: Sequence[Sequence[Cell]]) -> dict[str, Any]:
    """The size of the letters, and each header with its column's part of the page, in percent.

    A column has place for its longest word; what is left goes to those whose texts are longer.
    """
    least, wanted = [], []
    for number, column in enumerate(columns):
        texts = [column.header.replace("_", " "), *(row[number][0] for row in shown)]
        word = max(len(word) for text in texts for word in text.split() or [""])
        longest = max(map(len, texts[1:]), default=0)
        least.append(min(word, WIDEST) + PADDING)
        wanted.append(min(max(word, longest), WIDEST) + PADDING)
    size = max(SMALLEST_FONT, min(LARGEST_FONT, LARGEST_FONT * LINE / sum(least)))
    spare, missing = LINE * LARGEST_FONT / size - sum(least), sum(wanted) - sum(least)
    share = min(1.0, max(0.0, spare / missing)) if missing else 0.0
    widths = [low + (high - low) * share for low, high in zip(least, wanted, strict=True)]
    parts = [round(100 * width / sum(widths), 2) for width in widths]
    return {
        "size": round(size, 2),
        "columns": [(column.header, part) for column, part in zip(columns, parts, strict=True)],
    }
