"""Reading an XLSX file back, with nothing but what Python has."""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REFERENCE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ESCAPE = re.compile(r"_x([0-9A-F]{4})_")


@dataclass(frozen=True)
class Cell:
    value: str | float
    is_bold: bool
    is_formula: bool


@dataclass(frozen=True)
class Sheet:
    rows: list[list[Cell | None]]
    frozen_rows: int

    @property
    def headers(self) -> list[str | float]:
        return [cell.value for cell in self.rows[0] if cell is not None]

    @property
    def values(self) -> list[list[Any]]:
        """What stands below the headers; None where there is no cell."""
        return [[cell and cell.value for cell in row] for row in self.rows[1:]]


def read(content: bytes) -> list[Sheet]:
    """The sheets of a book, in their order."""
    with ZipFile(BytesIO(content)) as book:
        assert book.testzip() is None

        def part(name: str) -> ElementTree.Element:
            return ElementTree.fromstring(book.read(f"xl/{name}"))  # noqa: S314 - we wrote it

        places = {each.get("Id"): each.get("Target") for each in part("_rels/workbook.xml.rels")}
        bold = _bold_styles(part("styles.xml"))
        sheets = part("workbook.xml").iter(f"{MAIN}sheet")
        return [_sheet(part(places[sheet.get(REFERENCE)]), bold) for sheet in sheets]


def _bold_styles(styles: ElementTree.Element) -> set[int]:
    fonts = [font.find(f"{MAIN}b") is not None for font in styles.iterfind(f"{MAIN}fonts/{MAIN}font")]
    formats = styles.iterfind(f"{MAIN}cellXfs/{MAIN}xf")
    return {number for number, each in enumerate(formats) if fonts[int(each.get("fontId", 0))]}


def _sheet(sheet: ElementTree.Element, bold: set[int]) -> Sheet:
    panes = [pane for pane in sheet.iter(f"{MAIN}pane") if pane.get("state") == "frozen"]
    rows = [_row(row, bold) for row in sheet.iter(f"{MAIN}row")]
    return Sheet(rows, frozen_rows=int(panes[0].get("ySplit", 0)) if panes else 0)


def _row(row: ElementTree.Element, bold: set[int]) -> list[Cell | None]:
    cells: list[Cell | None] = []
    for cell in row.iter(f"{MAIN}c"):
        column = ord(cell.get("r", "")[0]) - ord("A")  # none of ours has more than 26
        cells += [None] * (column - len(cells))
        cells.append(Cell(_value(cell), int(cell.get("s", 0)) in bold, cell.find(f"{MAIN}f") is not None))
    return cells


def _value(cell: ElementTree.Element) -> str | float:
    if cell.get("t") is None:
        return float(cell.findtext(f"{MAIN}v", ""))
    assert cell.get("t") == "inlineStr"
    text = "".join(each.text or "" for each in cell.iter(f"{MAIN}t"))
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
