"""Running totals that are exact after each commit and have no hot row.

A write appends its addends (+1, -1, +250000 cents) in its own transaction; a total is the sum of the addends; a job
replaces many addends by their sum. Two writers never touch the same row, so they never wait for each other, and a
reader sees exactly what is committed, during the compaction too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from itertools import groupby

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from backend.core import prepared, turns
from backend.core.figures import LOWER_BITS, joined
from backend.core.models import Tally
from backend.core.recording import RecordedModel

KEPT_APART = 64  # addends of one total that are cheaper to sum than to compact
AT_ONCE = 1000  # rows or totals in one statement
LARGEST = 2**62  # what an addend holds at most
# PostgreSQL's own type of such sums takes its time to become an integer.
SUMS = f"CAST(sum(amount >> 32) AS BIGINT), CAST(sum(amount & {LOWER_BITS}) AS BIGINT)"
Total = tuple[int, str, str]  # workspace, figure and key


def count(addends: Mapping[Total, int]) -> None:
    """Append these to the totals, which go by workspace, figure and key."""
    rows = [(*total, piece) for total, amount in addends.items() for piece in _pieces(amount)]
    for first in range(0, len(rows), AT_ONCE):
        _append(rows[first : first + AT_ONCE])


def _append(rows: Sequence[tuple[int, str, str, int]]) -> None:
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
    return _compact(Tally.objects.all(), longer_than=KEPT_APART)


def compact_workspace(workspace_id: int) -> int:
    """The same for every total of a workspace that has several addends: there are many totals of few of them."""
    return _compact(Tally.objects.filter(workspace_id=workspace_id), longer_than=1)


def _compact(tallies: QuerySet, *, longer_than: int) -> int:
    long = tallies.values_list("workspace_id", "name", "key").annotate(rows=Count("*")).filter(rows__gt=longer_than)
    found = sorted(total for *total, _ in long)
    for (workspace_id, name), totals in groupby(found, key=lambda total: total[:2]):
        keys = [key for *_, key in totals]
        for first in range(0, len(keys), AT_ONCE):
            _compact_some(workspace_id, name, keys[first : first + AT_ONCE])
    return len(found)


@transaction.atomic
def _compact_some(workspace_id: int, name: str, keys: Sequence[str]) -> None:
    """Whatever two of these run at once, each addend is removed, and counted, by exactly one of them."""
    turns.take(workspace_id, "compaction")  # or each of two might remove what the other waits for
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM tallies WHERE workspace_id = %s AND name = %s AND key IN ({_marks(keys)}) "  # noqa: S608
            "RETURNING key, amount",
            [workspace_id, name, *keys],
        )
        removed = cursor.fetchall()
    sums: Counter[Total] = Counter()
    for key, amount in removed:
        sums[workspace_id, name, key] += amount
    count(sums)


def _pieces(amount: int) -> Iterator[int]:
    """The amount in parts that a column holds; none of 0."""
    while amount:
        piece = max(-LARGEST, min(amount, LARGEST))
        yield piece
        amount -= piece
