"""What a report found, in a form that a mail, a PDF and a CSV can each show. No layout, no language chosen yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

Kind = Literal["text", "count", "money", "percent", "number", "day", "month", "week", "moment"]


class Text(NamedTuple):
    """A text in each language."""

    es: str
    en: str

    def say(self, language: str) -> str:
        return self.en if language == "en" else self.es


Label = Text | str


def say(label: Label, language: str) -> str:
    """The label in the language; one that is data stays as it is."""
    return label.say(language) if isinstance(label, Text) else label


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that stands for itself; None where there is none."""

    name: Label
    value: Any
    kind: Kind = "count"


@dataclass(frozen=True, slots=True)
class Series:
    name: Label
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars: for each label one of each series. Over time they stand (labels are days), else they lie."""

    title: Label
    labels: Sequence[Label | date]
    series: Sequence[Series]
    kind: Kind = "count"
    label_kind: Kind = "text"

    @property
    def is_over_time(self) -> bool:
        return self.label_kind != "text"


@dataclass(frozen=True, slots=True)
class Column:
    header: Label
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Findings:
    """`figures` are the most important numbers; `table` is what the CSV has, all of it."""

    figures: Sequence[Figure]
    charts: Sequence[Chart]
    table: Table
    note: Label = ""
