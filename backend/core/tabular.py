"""Rows as CSV, a piece at a time: the first goes out before the last is read, and memory stays flat.

PostgreSQL writes the CSV itself (COPY); elsewhere the rows are read in batches. What a cell says is an expression of
the database on both, so that both files are the same. A text that a spreadsheet would run as a formula gets a `'` in
front of it.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from django.db import connection
from django.db.models import Case, F, Func, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Concat, NullIf

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FORMULA = r"^[=+\-@\t\r]"
QUOTED = re.compile(r'[,"\r\n]')
BATCH = 2000
PIECE = 64 * 1024  # COPY gives a line at a time, too little for one step of a server


class UtcText(Func):
    """A moment as `2026-11-21T05:46:10Z`."""

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', %(expressions)s)")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
        return super().as_sql(compiler, connection, template=template)


class Joined(Subquery):
    """Several texts as one with commas: `Joined(names.order_by("name").values(joined=F("name")))`."""

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return super().as_sql(compiler, connection, template="(SELECT group_concat(joined, ', ') FROM (%(subquery)s))")

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return super().as_sql(compiler, connection, template="array_to_string(ARRAY(%(subquery)s), ', ')")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its header, the field it shows, and for a choice the word of each value.

    What has no word is left out, or, where it `keeps_others`, shown as it is.
    """

    header: str
    field: str
    kind: Literal["text", "plain", "moment"] = "text"
    words: Mapping[Any, str] | None = None
    keeps_others: bool = False

    def expression(self, *, harmless: bool) -> Any:
        """What a cell says; `harmless`: for a file whose texts a spreadsheet may take for formulas."""
        if self.words is not None:
            cases = [When(**{self.field: value}, then=Value(word)) for value, word in self.words.items()]
            default = F(self.field) if self.keeps_others else None
            return Case(*cases, default=default, output_field=TextField())
        if self.kind == "moment":
            return UtcText(F(self.field))
        if self.kind == "plain":  # numbers and dates: nothing in them can be a formula
            return F(self.field)
        text = NullIf(F(self.field), Value(""), output_field=TextField())
        if not harmless:
            return text
        quoted = Concat(Value("'"), F(self.field), output_field=TextField())
        risky = When(**{f"{self.field}__regex": FORMULA}, then=quoted)
        return Case(risky, default=text, output_field=TextField())


def csv_pieces(
    rows: QuerySet, columns: Sequence[Column], *, done: Callable[[int], None] = lambda rows: None
) -> Generator[bytes, None, None]:
    """The file: byte order mark, headers, one line per row. `done` is told of each few rows that were read."""
    yield BYTE_ORDER_MARK + _lines([[column.header for column in columns]])
    shown = _shown(rows, columns, harmless=True)
    if connection.vendor == "postgresql":
        yield from _copy(shown, done)
        return
    for batch in _batches(shown.iterator(chunk_size=BATCH)):
        yield _lines(batch)
        done(len(batch))


def csv_of(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The same file of a few rows that are there already, as a report's. Only texts can be formulas."""
    return BYTE_ORDER_MARK + _lines([headers]) + _lines([_harmless(value) for value in row] for row in rows)


def cells(rows: QuerySet, columns: Sequence[Column]) -> Generator[list[Sequence[Any]], None, None]:
    """The rows as they are shown, in batches; for files in which a text is never a formula.

    On PostgreSQL a number or a date comes as its text.
    """
    shown = _shown(rows, columns, harmless=False)
    if connection.vendor != "postgresql":
        yield from _batches(shown.iterator(chunk_size=BATCH))
        return
    statement, parameters = shown.query.sql_with_params()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT", parameters) as copy:
        yield from _batches(copy.rows())


def _shown(rows: QuerySet, columns: Sequence[Column], *, harmless: bool) -> QuerySet:
    shown = {f"cell_{number}": column.expression(harmless=harmless) for number, column in enumerate(columns)}
    return rows.annotate(**shown).values_list(*shown)


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _copy(shown: QuerySet, done: Callable[[int], None]) -> Iterator[bytes]:
    statement, parameters = shown.query.sql_with_params()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)", parameters) as lines:
        piece, rows = bytearray(), 0
        for line in lines:
            piece += line
            rows += 1
            if len(piece) >= PIECE:
                yield bytes(piece)
                done(rows)
                piece.clear()
                rows = 0
        yield bytes(piece)
        done(rows)


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    return "".join(",".join(map(_cell, row)) + "\n" for row in rows).encode()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and re.match(FORMULA, value) else value


def _cell(value: Any) -> str:
    """A cell as COPY writes it; Python's `csv` leaves a carriage return without quotes."""
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text
