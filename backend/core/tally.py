"""Running totals that are exact after each commit and have no hot row.

A write appends its addend (+1, -1) in its own transaction; a total is the sum of the addends; a job replaces many
addends by their sum. Two writers never touch the same row, so they never wait for each other, and a reader sees
exactly what is committed, during the compaction too.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import Count

from backend.core import prepared
from backend.core.models import Tally
from backend.core.recording import Change, RecordedModel

KEPT_APART = 64  # addends of one total that are cheaper to sum than to compact


def count(changes: list[Change]) -> None:
    """Append what the changes add to the totals of their models (`RecordedModel.counted_by`)."""
    addends: Counter[tuple[int, str]] = Counter()
    for change in changes:
        by = change.model.counted_by
        if by is None or change.workspace_id is None or (change.kind == "updated" and by not in change.new):
            continue
        if change.kind != "created":
            addends[change.workspace_id, name(change.model, change.old[by])] -= 1
        if change.kind != "deleted":
            addends[change.workspace_id, name(change.model, change.new[by])] += 1
    Tally.objects.bulk_create(
        Tally(workspace_id=workspace_id, name=tallied, amount=amount)
        for (workspace_id, tallied), amount in addends.items()
        if amount
    )


def name(model: type[RecordedModel], value: Any) -> str:
    return f"{model._meta.db_table}:{value}"


def total(workspace_id: int, model: type[RecordedModel], values: Iterable[str]) -> int:
    """How many rows of the model the workspace has whose `counted_by` field has one of the values."""
    names = [name(model, value) for value in values]
    marks = ", ".join(["%s"] * len(names))
    statement = f"SELECT sum(amount) FROM tallies WHERE workspace_id = %s AND name IN ({marks})"  # noqa: S608 - marks
    ((amount,),) = prepared.rows(statement, [workspace_id, *names])  # with every list: aggregate() takes ten times it
    return int(amount or 0)


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
