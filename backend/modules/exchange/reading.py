"""Reading a delimited text file row by row, in memory that does not depend on the file."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO

from backend.core import folding
from backend.modules.exchange import detection
from backend.modules.exchange.detection import FileRefused

LONGEST_ROW = 1_000_000  # characters; what is longer is skipped without being kept
MOST_LINES_OF_A_ROW = 1_000
MOST_COLUMNS = 500
SHOWN = 100  # characters of a line that is too long
UNDECODED = re.compile(r"[\ud800-\udfff]")

codecs.register_error("undecoded", lambda error: ("\udcff", error.end))  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Row:
    """A row and the number of its first line. With a `fault` it is broken, and the cells are what there was of it."""

    line: int
    cells: list[str]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """An open file: its header and how it is written."""

    header: list[str]
    encoding: str
    delimiter: str
    size: int
    _rows: Iterator[Row]
    _raw: BinaryIO

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return self._raw.tell()

    def rows(self) -> Iterator[Row]:
        """Every row that has a filled cell; one whose number of cells is not the header's is broken."""
        for row in self._rows:
            if row.fault is None and len(row.cells) != len(self.header):
                row = self._fitted(row)
            yield row

    def _fitted(self, row: Row) -> Row:
        wanted = len(self.header)
        if len(row.cells) > wanted and not any(row.cells[wanted:]):
            return Row(row.line, row.cells[:wanted])
        return Row(row.line, row.cells, f"{len(row.cells)} cells where the header has {wanted}")


@contextmanager
def open_table(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Iterator[Table]:
    """The file, open for reading once; encoding and delimiter are found out unless given.

    Raises `FileRefused` for what is not a text file with a header of distinct names and at least one row.
    """
    if not path.is_file():
        raise FileRefused(f"There is no file {path}.")
    try:
        raw = path.open("rb")
    except OSError as error:
        raise FileRefused(f"{path} can't be read: {error.strerror}.") from None
    with raw:
        encoding, text = _encoding_and_head(raw, encoding)
        delimiter = detection.check_delimiter(delimiter) if delimiter else detection.delimiter_of(text)
        stream = io.TextIOWrapper(raw, encoding=encoding, errors="undecoded", newline="")
        rows = _rows(stream, delimiter)
        header = _header(rows)
        first = next(rows, None)
        if first is None:
            raise FileRefused("The file has a header and no rows.")
        yield Table(header, encoding, delimiter, path.stat().st_size, chain([first], rows), raw)


def _encoding_and_head(raw: BinaryIO, encoding: str | None) -> tuple[str, str]:
    """The encoding, and the beginning of the file as text."""
    sample = detection.sample(raw)
    raw.seek(0)
    head = raw.read(detection.SAMPLE)
    raw.seek(0)
    if not head:
        raise FileRefused("The file is empty.")
    encoding = detection.check_encoding(encoding) if encoding else detection.encoding_of(head, sample)
    text = head.decode(encoding, "replace")
    detection.check_text(text)
    return encoding, text


def _header(rows: Iterator[Row]) -> list[str]:
    row = next(rows, None)
    if row is None:
        raise FileRefused("The file is empty.")
    if row.fault:
        raise FileRefused(f"The header can't be read: {row.fault}.")
    if len(row.cells) > MOST_COLUMNS:
        raise FileRefused(f"The header has {len(row.cells)} columns; {MOST_COLUMNS} is the most.")
    names = [folding.squash(cell) or f"column {number}" for number, cell in enumerate(row.cells, 1)]
    seen: dict[str, str] = {}
    for name in names:
        if other := seen.get(same(name)):
            raise FileRefused(f"Two columns have one name: {other!r} and {name!r}.")
        seen[same(name)] = name
    return names


def same(name: str) -> str:
    """The form under which names of columns are compared: case, spaces, hyphens and underscores do not count."""
    return folding.key(re.sub(r"[_-]", " ", name))


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    is_too_long: bool = False


class _RowNeverEnds(Exception):
    """A quotation mark was opened, and what follows is more than a row may have."""


class _Lines:
    """The lines of a text, numbered, none kept that is longer than a row may be; lines can be given back."""

    def __init__(self, stream: TextIO) -> None:
        self.encoding = stream.encoding
        self._stream = stream
        self._given_back: deque[_Line] = deque()
        self._number = 0

    def __iter__(self) -> Iterator[_Line]:
        while (line := self.take()) is not None:
            yield line

    def take(self) -> _Line | None:
        if self._given_back:
            return self._given_back.popleft()
        text = self._stream.readline(LONGEST_ROW)
        if not text:
            return None
        self._number += 1
        if len(text) < LONGEST_ROW:
            return _Line(self._number, text)
        rest = text
        while rest and not rest.endswith(("\n", "\r")):
            rest = self._stream.readline(LONGEST_ROW)
        return _Line(self._number, text[:SHOWN], is_too_long=True)

    def give_back(self, lines: list[_Line]) -> None:
        self._given_back.extendleft(reversed(lines))


def _rows(stream: TextIO, delimiter: str) -> Iterator[Row]:
    lines = _Lines(stream)
    for line in lines:
        row = _row(line, lines, delimiter)
        if row.fault or any(map(str.strip, row.cells)):
            yield row


def _row(first: _Line, lines: _Lines, delimiter: str) -> Row:
    """The row that begins at this line. If its quotation marks don't pair up, only this line is broken: the next ones
    are read again as rows of their own."""
    if first.is_too_long:
        return Row(first.number, [first.text + "…"], f"the line is longer than {LONGEST_ROW} characters")
    taken = [first]
    try:
        cells = next(csv.reader(_texts(taken, lines), delimiter=delimiter, strict=True), [])
    except (csv.Error, _RowNeverEnds) as error:
        lines.give_back(taken[1:])
        return Row(first.number, [first.text.rstrip("\r\n")], _fault(error))
    text = "".join(cells)
    if not text.isascii() and UNDECODED.search(text):
        return Row(
            first.number, [UNDECODED.sub("\ufffd", cell) for cell in cells], f"bytes that are not {lines.encoding}"
        )
    return Row(first.number, cells)


def _texts(taken: list[_Line], lines: _Lines) -> Iterator[str]:
    """The text of the line taken, then of those that follow it, each noted in `taken`."""
    yield taken[0].text
    size = len(taken[0].text)
    for line in lines:
        taken.append(line)
        size += len(line.text)
        if line.is_too_long or size > LONGEST_ROW or len(taken) > MOST_LINES_OF_A_ROW:
            raise _RowNeverEnds
        yield line.text


def _fault(error: Exception) -> str:
    if "field limit" in str(error):
        return f"a cell is longer than {csv.field_size_limit()} characters"
    return "the quotation marks do not pair up"
