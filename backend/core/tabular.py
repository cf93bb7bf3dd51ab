"""Rows as CSV, a piece at a time: the first goes out before the last is read, and memory stays flat.

PostgreSQL writes the CSV itself (COPY); elsewhere the rows are read in batches. What a cell says is an expression of
the database on both, so that both files are the same. A text that a spreadsheet would run as a formula gets a `'` in
front of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection
from django.db.models import Case, F, Func, QuerySet, TextField, Value, When
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


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its header, the field it shows, and for a choice the word of each value."""

    header: str
    field: str
    kind: Literal["text", "plain", "moment"] = "text"
    words: Mapping[str, str] | None = None

    @property
    def expression(self) -> Any:
        if self.words is not None:
            cases = [When(**{self.field: value}, then=Value(word)) for value, word in self.words.items()]
            return Case(*cases, default=None, output_field=TextField())
        if self.kind == "moment":
            return UtcText(F(self.field))
        if self.kind == "plain":  # numbers and dates: nothing in them can be a formula
            return F(self.field)
        harmless = Concat(Value("'"), F(self.field), output_field=TextField())
        risky = When(**{f"{self.field}__regex": FORMULA}, then=harmless)
        return Case(risky, default=NullIf(F(self.field), Value("")), output_field=TextField())


def csv_pieces(rows: QuerySet, columns: Sequence[Column]) -> Iterator[bytes]:
    """The file: byte order mark, headers, one line per row."""
    yield BYTE_ORDER_MARK + _lines([[column.header for column in columns]])
    cells = {f"cell_{number}": column.expression for number, column in enumerate(columns)}
    shown = rows.annotate(**cells).values_list(*cells)
    if connection.vendor == "postgresql":
        yield from _copy(shown)
        return
    batch: list[Sequence[Any]] = []
    for row in shown.iterator(chunk_size=BATCH):
        batch.append(row)
        if len(batch) == BATCH:
            yield _lines(batch)
            batch.clear()
    yield _lines(batch)


def _copy(shown: QuerySet) -> Iterator[bytes]:
    statement, parameters = shown.query.sql_with_params()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)", parameters) as lines:
        piece = bytearray()
        for line in lines:
            piece += line
            if len(piece) >= PIECE:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece)


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    return "".join(",".join(map(_cell, row)) + "\n" for row in rows).encode()


def _cell(value: Any) -> str:
    """A cell as COPY writes it; Python's `csv` leaves a carriage return without quotes."""
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text
