"""Running totals that are exact after each commit and have no hot row.

A write appends its addend (+1, -1) in its own transaction; a total is the sum of the addends; a job replaces many
addends by their sum. Two writers never touch the same row, so they never wait for each other, and a reader sees
exactly what is committed, during the compaction too.
"""

from collections import Counter

from django.db import connection, transaction
from django.db.models import Count, Sum

from backend.core.models import Tally
from backend.core.recording import Change

ADDEND = {"created": 1, "deleted": -1}
KEPT_APART = 64  # addends of one total that are cheaper to sum than to compact


def count(changes: list[Change]) -> None:
    """Note how many rows of each counted model were added or removed: models with `counted = True`."""
    addends: Counter[tuple[int, str]] = Counter()
    for change in changes:
        if change.kind in ADDEND and change.workspace_id and getattr(change.model, "counted", False):
            addends[change.workspace_id, change.model._meta.db_table] += ADDEND[change.kind]
    rows = [Tally(workspace_id=workspace, name=name, amount=sum_) for (workspace, name), sum_ in addends.items() if sum_]
    Tally.objects.bulk_create(rows)


def total(workspace_id: int, name: str) -> int:
    """How many rows the workspace has in the table `name`."""
    return Tally.objects.filter(workspace_id=workspace_id, name=name).aggregate(total=Sum("amount"))["total"] or 0


def compact() -> int:
    """Replace the addends of each long total by their sum; answers how many totals were compacted."""
    long = Tally.objects.values("workspace_id", "name").annotate(rows=Count("id")).filter(rows__gt=KEPT_APART)
    for each in long:
        _compact_one(each["workspace_id"], each["name"])
    return len(long)


@transaction.atomic
def _compact_one(workspace_id: int, name: str) -> None:
    """Whatever two of these run at once, each addend is removed, and counted, by exactly one of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM tallies WHERE workspace_id = %s AND name = %s RETURNING amount", [workspace_id, name]
        )
        removed = sum(row[0] for row in cursor.fetchall())
    if removed:
        Tally.objects.create(workspace_id=workspace_id, name=name, amount=removed)
