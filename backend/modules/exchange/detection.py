"""Finding out how a text file is written: its encoding and the delimiter of its columns."""

import codecs
import csv
import re
from collections import Counter
from typing import BinaryIO

from charset_normalizer import from_bytes

SAMPLE = 256 * 1024  # bytes
LINES_COMPARED = 50
CHARACTERS_COMPARED = 100_000  # fewer than csv takes as one cell
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
# The longer mark comes first: UTF-32's begins with UTF-16's.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ONE_BYTE_ENCODINGS = ["cp1252", "latin_1", "cp850", "mac_roman"]
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
MOST_CONTROL_CHARACTERS = 0.01  # of a text; a compressed file has about a tenth


class FileRefused(Exception):
    """The file can't be imported at all. Its text is the reason in one line."""


def sample(raw: BinaryIO) -> bytes:
    """Whole lines that say most about the encoding: from the first block on that is not plain ASCII, else the first."""
    first = block = _block(raw)
    while block.isascii():
        block = _block(raw)
        if not block:
            return first
    return block


def _block(raw: BinaryIO) -> bytes:
    return raw.read(SAMPLE) + raw.readline(SAMPLE)


def encoding_of(head: bytes, text: bytes) -> str:
    """The encoding of a file that begins with `head` and of which `text` is a sample.

    A byte order mark decides. Else it is UTF-8 if most lines of the sample that are not ASCII are UTF-8 (text in
    another encoding practically never is), so that a few damaged rows don't turn every other name into gibberish.
    """
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    foreign = [line for line in text.split(b"\n") if not line.isascii()]
    not_utf8 = [line for line in foreign if not _is_utf8(line)]
    if len(not_utf8) * 2 <= len(foreign):
        return "utf-8"
    best = from_bytes(b"\n".join(not_utf8), cp_isolation=ONE_BYTE_ENCODINGS).best()
    return best.encoding if best else "cp1252"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def check_encoding(name: str) -> str:
    """The name of a text encoding that was asked for. Raises `FileRefused`."""
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        raise FileRefused(f"There is no encoding called {name!r}.") from None
    if not codec._is_text_encoding:
        raise FileRefused(f"{name!r} is not an encoding of text.")
    return codec.name


def check_delimiter(given: str) -> str:
    """The delimiter that was asked for, as a character or as its name. Raises `FileRefused`."""
    named = {name: char for char, name in DELIMITERS.items()} | {r"\t": "\t"}
    delimiter = named.get(given.lower(), given)
    if delimiter not in DELIMITERS:
        raise FileRefused(f"The delimiter is one of {', '.join(DELIMITERS.values())}, not {given!r}.")
    return delimiter


def check_text(text: str) -> None:
    """Raises `FileRefused` for what is no text: more than one in a hundred characters is a control character."""
    if len(CONTROL.findall(text)) > len(text) * MOST_CONTROL_CHARACTERS:
        remedy = "save a workbook as CSV" if text.startswith("PK") else "a CSV file is needed"
        raise FileRefused(f"This is a binary file, not text: {remedy}.")


def delimiter_of(text: str) -> str:
    """The character that cuts the header into columns and most rows into as many; a comma if there is one column."""
    lines = text[:CHARACTERS_COMPARED].splitlines(keepends=True)[:LINES_COMPARED]
    return max(DELIMITERS, key=lambda delimiter: _fit(lines, delimiter))


def _fit(lines: list[str], delimiter: str) -> float:
    widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells]
    if not widths or widths[0] == 1:
        return 0
    return Counter(widths)[widths[0]] / len(widths) * (widths[0] - 1)
