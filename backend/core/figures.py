"""Figures: counts and sums over a workspace's rows that follow every write, so that a report need not read the rows.

    class Contact(WorkspaceModel):
        figures = (Figures(by=("stage",), measures={"contacts": ROWS}),)

Each is written down twice: in Python, as what one row adds, by which a write finds what it has to append to the
running totals (`tally.py`); and in SQL, as the truth that the totals are compared with (`rebuilding.py`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model

Row = Mapping[str, Any]  # a record's stored values, by the names of their attributes
Addends = Counter[tuple[int, str, str]]  # by workspace, figure and key


@dataclass(frozen=True, slots=True)
class Measure:
    """What a row adds, as an integer: `of` tells it in Python, `sql` (`sqlite`, where that differs) in the database."""

    of: Callable[[Row], int]
    sql: str
    sqlite: str | None = None

    @property
    def sums(self) -> str:
        """Two columns, the sums of the upper and of the lower 32 bits: no sum is too large for 64."""
        amount = self.sqlite if self.sqlite and connection.vendor == "sqlite" else self.sql
        return f"sum(({amount}) >> 32), sum(({amount}) & {LOWER_BITS})"


LOWER_BITS = 0xFFFFFFFF
SEPARATOR = ":"  # of the values in a key
ROWS = Measure(lambda row: 1, "CAST(1 AS BIGINT)")


def joined(upper: Any, lower: Any) -> int:
    """The sum of which these are the two columns."""
    return (int(upper) << 32) + int(lower)


class Figures:
    """Sums over the rows of one table, for each combination of the values of the fields `by`.

    `measures` go by the names of the figures. The fields are named as their columns; where one is null, the row is not
    in the sums.
    """

    def __init__(self, *, by: Sequence[str], measures: Mapping[str, Measure]) -> None:
        self.by, self.measures = by, measures

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.measures)

    def moved(self, model: type[Model], old: Iterable[Row], new: Iterable[Row]) -> Addends:
        """By how much the figures change, now that rows of the model that were `old` have become `new`."""
        addends: Addends = Counter()
        for sign, rows in ((-1, old), (1, new)):
            for row in rows:
                values = [row[name] for name in self.by]
                if None not in values:
                    for name, measure in self.measures.items():
                        addends[row["workspace_id"], name, SEPARATOR.join(map(str, values))] += sign * measure.of(row)
        return addends

    def truth(self, table: str) -> str:
        """A statement for the figures of `%(workspace)s` from its rows: the key, and the `sums` of each measure."""
        group = f" || '{SEPARATOR}' || ".join(f"CAST({name} AS TEXT)" for name in self.by)
        sums = ", ".join(measure.sums for measure in self.measures.values())
        given = " AND ".join(f"{name} IS NOT NULL" for name in self.by)
        return f"SELECT {group}, {sums} FROM {table} WHERE workspace_id = %(workspace)s AND {given} GROUP BY 1"  # noqa: S608
