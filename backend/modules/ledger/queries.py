"""Reading the ledger."""

from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from backend.core.actor import Actor
from backend.core.recording import MASK, RecordedModel
from backend.modules.ledger.models import Entry


class Position(NamedTuple):
    """Where a reader stands: it has everything up to and including this entry."""

    transaction: int = 0
    entry: int = 0


def of_record(actor: Actor, table: str, record_id: int) -> QuerySet[Entry]:
    """The history of one record, oldest first."""
    return Entry.objects.of(actor).filter(table=table, record_id=record_id).order_by("id")


def after(actor: Actor, position: Position, *, limit: int = 500) -> tuple[list[Entry], Position]:
    """What happened in the workspace after `position`, and where the reader stands then.

    No entry is ever missed or given twice, however many transactions write at once. Ids are handed out before the
    commit, so a lower id may appear after a higher one; what is safe to follow on PostgreSQL is the order of the
    transactions, up to the oldest one still running.
    """
    behind = Q(transaction=position.transaction, id__gt=position.entry) | Q(transaction__gt=position.transaction)
    entries = Entry.objects.of(actor).filter(behind)
    if connection.vendor == "postgresql":
        oldest_running = RawSQL("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", [])
        entries = entries.filter(transaction__lt=oldest_running)
    found = list(entries.order_by("transaction", "id")[:limit])
    return found, Position(found[-1].transaction, found[-1].pk) if found else position


def shown(entry: Entry) -> list[tuple[str, Any, Any]]:
    """What an entry says to whoever looks: each field that changed, before and after, with what is private masked."""
    hidden = _private_fields(entry.table)

    def visible(values: dict[str, Any], name: str) -> Any:
        value = values.get(name, "")
        return MASK if name in hidden and value else value

    names = sorted({*entry.old, *entry.new})
    return [(name, visible(entry.old, name), visible(entry.new, name)) for name in names]


@cache
def _private_fields(table: str) -> frozenset[str]:
    """The private fields of a table; none of one that there is no more."""
    for model in apps.get_models():
        if issubclass(model, RecordedModel) and model._meta.db_table == table:
            return model.private
    return frozenset()
