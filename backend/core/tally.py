"""Running totals that are exact after each commit and have no hot row.

A write appends its addends (+1, -1, +250000 cents) in its own transaction; a total is the sum of the addends; a job
replaces many addends by their sum. Two writers never touch the same row, so they never wait for each other, and a
reader sees exactly what is committed, during the compaction too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sized

from django.db import connection, transaction
from django.db.models import Count

from backend.core import prepared
from backend.core.figures import LOWER_BITS, joined
from backend.core.models import Tally
from backend.core.recording import RecordedModel

KEPT_APART = 64  # addends of one total that are cheaper to sum than to compact
LARGEST = 2**62  # what an addend holds at most
SUMS = f"sum(amount >> 32), sum(amount & {LOWER_BITS})"


def count(addends: Mapping[tuple[int, str, str], int]) -> None:
    """Append these to the totals, which go by workspace, figure and key."""
    rows = [(*total, piece) for total, amount in addends.items() for piece in _pieces(amount)]
    if rows:
        marks = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO tallies (workspace_id, name, key, amount) VALUES {marks}",  # noqa: S608 - marks
                [value for row in rows for value in row],
            )


def total(workspace_id: int, model: type[RecordedModel], keys: Iterable[str]) -> int:
    """How many rows the workspace has under these keys, by the figure that is named as the model's table."""
    wanted = list(keys)
    statement = f"SELECT sum(amount) FROM tallies WHERE workspace_id = %s AND name = %s AND key IN ({_marks(wanted)})"  # noqa: S608
    # with every list: aggregate() takes ten times it
    ((amount,),) = prepared.rows(statement, [workspace_id, model._meta.db_table, *wanted])
    return int(amount or 0)


def totals(workspace_id: int, *names: str, since: str = "", before: str | None = None) -> dict[str, dict[str, int]]:
    """These figures, each by its keys, as they all were at one moment. What has come to 0 may be missing.

    Of keys that begin with a day, those of the days from `since` on and `before` another, as in `2026-11-21`.
    """
    here, values = f"workspace_id = %s AND name IN ({_marks(names)})", [workspace_id, *names]
    if before is not None:
        here, values = f"{here} AND key >= %s AND key < %s", [*values, since, before]
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    statement = f"SELECT name, key, {SUMS} FROM tallies WHERE {here} GROUP BY name, key"  # noqa: S608 - marks
    for name, key, upper, lower in prepared.rows(statement, values):
        found[name][key] = joined(upper, lower)
    return found


def _marks(values: Sized) -> str:
    return ", ".join(["%s"] * len(values))


def compact() -> int:
    """Replace the addends of each long total by their sum; answers how many totals were compacted."""
    long = Tally.objects.values_list("workspace_id", "name", "key").annotate(rows=Count("id"))
    found = list(long.filter(rows__gt=KEPT_APART))
    for workspace_id, name, key, _ in found:
        _compact_one(workspace_id, name, key)
    return len(found)


@transaction.atomic
def _compact_one(workspace_id: int, name: str, key: str) -> None:
    """Whatever two of these run at once, each addend is removed, and counted, by exactly one of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM tallies WHERE workspace_id = %s AND name = %s AND key = %s RETURNING amount",
            [workspace_id, name, key],
        )
        removed = sum(row[0] for row in cursor.fetchall())
    count({(workspace_id, name, key): removed})


def _pieces(amount: int) -> Iterator[int]:
    """The amount in parts that a column holds; none of 0."""
    while amount:
        piece = max(-LARGEST, min(amount, LARGEST))
        yield piece
        amount -= piece
