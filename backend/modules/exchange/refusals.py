"""The file of refused rows: to be corrected in a spreadsheet and imported again."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

COLUMNS = ("refused_line", "refused_reason")
FORMULA = re.compile(r"\s*[=+\-@\t\r]")
NUMBER = re.compile(r"\s*[+-][0-9][0-9 ().-]*")  # a phone number is no formula


class RefusedRows:
    """Writes refused rows; the file is made with the first one."""

    def __init__(self, path: Path, header: Sequence[str], delimiter: str) -> None:
        self.path = path
        self._header = header
        self._delimiter = delimiter
        self._file: TextIO | None = None

    def add(self, line: int, reason: str, cells: Sequence[str]) -> None:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")  # spreadsheets need the mark
            self._write([*COLUMNS, *(name for name in self._header if name not in COLUMNS)])
        kept = [cell for name, cell in zip(self._header, cells, strict=False) if name not in COLUMNS]
        self._write([str(line), reason, *kept, *cells[len(self._header) :]])

    def _write(self, cells: Sequence[str]) -> None:
        csv.writer(self._file, delimiter=self._delimiter).writerow(map(neutral, cells))  # type: ignore[arg-type]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def neutral(cell: str) -> str:
    """The cell as a spreadsheet shows it without computing it: a formula gets an apostrophe before it."""
    return f"'{cell}" if FORMULA.match(cell) and not NUMBER.fullmatch(cell) else cell


def original(cell: str) -> str:
    """What `neutral` was given."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell
