"""Which column of a file is which of our fields, and what a row then says."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.core import folding
from backend.modules.exchange import industries, refusals
from backend.modules.exchange.detection import FileRefused
from backend.modules.exchange.fields import FIELDS, LONGEST_NOTES, NEEDED, RowRefused
from backend.modules.exchange.reading import same

NAMES = frozenset({"first_name", "last_name"})


@dataclass(frozen=True, slots=True)
class Record:
    """What a row says: values of our fields, and, by column, what has no field of its own. Empty cells are left out.

    `columns` has the file's name of each field. `remarks` are what was irregular about the row and what was done with
    it: a kind, which completes "so many rows …", and a detail or nothing.
    """

    values: dict[str, Any]
    rest: dict[str, str]
    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    remarks: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    def column(self, field: str) -> str:
        """The file's name of a field, ours if it has no such column."""
        return self.columns.get(field, field)

    def refused(self, field: str, reason: str) -> RowRefused:
        return RowRefused(reason, column=self.column(field))

    def remark(self, kind: str, detail: str = "") -> None:
        self.remarks.append((kind, detail))

    def notes(self, existing: str = "") -> str:
        """The notes of the record, whose notes are `existing` now: the row's own if it has any, then a line
        `column: value` for the rest. Doing it again gives the same text. Raises `RowRefused` if it gets too long.
        """
        lines = self.values["notes"].split("\n") if "notes" in self.values else existing.split("\n")
        own = len(lines) if "notes" in self.values else 0
        for column, value in self.rest.items():
            beginning = f"{column}: "
            place = next((n for n in range(own, len(lines)) if lines[n].startswith(beginning)), len(lines))
            lines[place : place + 1] = [beginning + value]
        text = "\n".join(lines).strip("\n")
        if len(text) > LONGEST_NOTES:
            raise RowRefused(f"{len(text)} characters together; {LONGEST_NOTES} is the most", column="notes")
        return text


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file, in order: their names and, where they have one, our fields."""

    kind: str
    names: Sequence[str]
    fields: Sequence[str | None]

    @property
    def without_field(self) -> list[str]:
        """The columns whose cells go into the notes, of a kind that has them."""
        pairs = zip(self.names, self.fields, strict=True)
        return [name for name, field in pairs if field is None and name not in refusals.COLUMNS]

    @property
    def has_notes(self) -> bool:
        return "notes" in FIELDS[self.kind]

    def record(self, cells: Sequence[str]) -> Record:
        """What the row says. Raises `RowRefused`."""
        columns = {field: name for name, field in zip(self.names, self.fields, strict=True) if field}
        record = Record({}, {}, columns)
        was_refused = refusals.COLUMNS[0] in self.names
        for name, field, cell in zip(self.names, self.fields, cells, strict=True):
            if text := (refusals.original(cell) if was_refused else cell).strip():
                self._read(record, name, field, text)
        return record

    def _read(self, record: Record, name: str, field: str | None, text: str) -> None:
        if "\0" in text:
            raise RowRefused("null characters are not allowed", column=name)
        if field is None:
            if name not in refusals.COLUMNS:
                record.rest[name] = folding.squash(text)
            return
        try:
            record.values[field] = FIELDS[self.kind][field](text)
        except RowRefused as refused:
            raise RowRefused(refused.reason, column=name) from None
        if field == "industry" and not industries.recognise(text)[1]:
            record.rest[name] = folding.squash(text)
            record.remark(f"with {name} in another word", f"{folding.squash(text)} is {record.values[field]}")


def columns_of(kind: str, header: Sequence[str], wanted: Mapping[str, str]) -> Columns:
    """The columns of a file of one kind of record.

    `wanted` gives the column of a field. A field that is not wanted takes the column of its own name. Raises
    `FileRefused` for a field or column that there is not, and if what every record needs has no column.
    """
    known = FIELDS[kind]
    places = {same(name): place for place, name in enumerate(header)}
    found: dict[str, int] = {}
    for field, column in wanted.items():
        if field not in known:
            raise FileRefused(f"A {kind} has no field {field!r}: it has {', '.join(known)}.")
        if same(column) not in places:
            raise FileRefused(f"The file has no column {column!r}. Its header is: {', '.join(header)}.")
        found[field] = places[same(column)]
    for field in known:
        place = places.get(same(field))
        if field not in found and place is not None and place not in found.values():
            found[field] = place
    _settle_names(found, wanted)
    _check_complete(kind, found, header)
    by_place = {place: field for field, place in found.items()}
    if len(by_place) < len(found):
        raise FileRefused("One column can't be mapped to two fields.")
    return Columns(kind, header, [by_place.get(place) for place in range(len(header))])


def _settle_names(found: dict[str, int], wanted: Mapping[str, str]) -> None:
    """A name is read whole or in parts: what was asked for counts, else the parts."""
    if "full_name" not in found or not NAMES & set(found):
        return
    if "full_name" in wanted and NAMES & set(wanted):
        raise FileRefused("Map either full_name or first_name and last_name.")
    for field in NAMES if "full_name" in wanted else {"full_name"}:
        found.pop(field, None)


def _check_complete(kind: str, found: Mapping[str, int], header: Sequence[str]) -> None:
    for fields in NEEDED[kind]:
        if not fields & set(found):
            options = " or ".join(f"--map {field}=COLUMN" for field in sorted(fields))
            missing = " or ".join(sorted(fields))
            raise FileRefused(f"No column is mapped to {missing}: use {options}. The header is: {', '.join(header)}.")
