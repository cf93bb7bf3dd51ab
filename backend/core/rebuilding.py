"""The figures (`figures.py`) compared with the rows that they stand for, and put right.

What the rows say and what is kept are read by one statement, that is at one moment: each write of that moment is either
in both or in neither, and so is each compaction. The difference is therefore what the totals are off by, whoever else
writes meanwhile, and stays it until it is appended: addends commute. Only two corrections of one difference would be
one too many, so they take turns; the one that waited reads what the first has appended.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from backend.core import tally, turns
from backend.core.figures import LOWER_BITS, Figures, joined
from backend.core.models import FigureCheck
from backend.core.recording import RecordedModel

HERE = "workspace_id = %(workspace)s"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Drift:
    """A figure that is not what the rows say it should be."""

    name: str
    key: str
    kept: int
    true: int


def declared() -> Iterator[tuple[str, Figures]]:
    """All figures of all models, with the table of each."""
    for model in apps.get_models():
        if issubclass(model, RecordedModel):
            yield from ((model._meta.db_table, figures) for figures in model.figures if figures.names)


def drifts(workspace_id: int) -> list[Drift]:
    """The figures of a workspace that are off. One that is kept and not declared any more should be 0."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(), {"workspace": workspace_id})
        rows = cursor.fetchall()
    return sorted(
        Drift(name, key, joined(kept_upper, kept_lower), joined(true_upper, true_lower))
        for name, key, kept_upper, kept_lower, true_upper, true_lower in rows
    )


@transaction.atomic
def correct(workspace_id: int) -> list[Drift]:
    """Put the figures of a workspace right; answers what was off."""
    turns.take(workspace_id, "figures")
    found = drifts(workspace_id)
    tally.count(Counter({(workspace_id, each.name, each.key): each.true - each.kept for each in found}))
    return found


@transaction.atomic
def rebuild(workspace_id: int) -> list[Drift]:
    """The same, and a note for whoever looks after the server: a figure that was off is a mistake in the code."""
    found = correct(workspace_id)
    for each in found:
        logger.warning(
            "Figure %s[%s] of workspace %s was %s and should have been %s: corrected",
            each.name, each.key, workspace_id, each.kept, each.true,
        )  # fmt: skip
    FigureCheck.objects.update_or_create(
        workspace_id=workspace_id, defaults={"checked_at": timezone.now(), "drifted": len(found)}
    )
    return found


def drifted() -> int:
    """How many figures were off when their workspaces were last looked at."""
    return sum(FigureCheck.objects.values_list("drifted", flat=True))


def _statement() -> str:
    """The totals that are not what the rows say: what is kept of them and what is true, each in two halves.

    A table is read once for all figures by one key. Halves are the same number as others where they have been carried.
    """
    tables, totals = [], [f"SELECT name, key, {tally.SUMS}, 0, 0 FROM tallies WHERE {HERE} GROUP BY name, key"]  # noqa: S608
    for number, (table, figures) in enumerate(declared()):
        sums = ", ".join(f"upper{each}, lower{each}" for each in range(len(figures.names)))
        tables.append(f"truth{number} (key, {sums}) AS MATERIALIZED ({figures.truth(table)})")
        for each, name in enumerate(figures.names):
            totals.append(f"SELECT '{name}', key, 0, 0, upper{each}, lower{each} FROM truth{number}")  # noqa: S608
    halves = ("kept_upper", "kept_lower", "true_upper", "true_lower")
    summed = ", ".join(f"CAST(sum({half}) AS BIGINT) AS {half}" for half in halves)
    return f"""
        WITH {", ".join(tables)}, total (name, key, {", ".join(halves)}) AS ({" UNION ALL ".join(totals)})
        SELECT name, key, {", ".join(halves)} FROM (
            SELECT name, key, {summed}
            FROM total
            GROUP BY name, key
        ) AS compared
        WHERE kept_upper + (kept_lower >> 32) <> true_upper + (true_lower >> 32)
            OR (kept_lower & {LOWER_BITS}) <> (true_lower & {LOWER_BITS})
    """  # noqa: S608 - names from the code
