"""Reading the ledger."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, NullIf

from backend.core import listing, permissions
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.ledger import masking
from backend.modules.ledger.models import Entry

AUDIT = permissions.declare("audit.view", "Read the audit log")

KINDS = ("created", "updated", "deleted")
ROW = ("table", "record_id", "verb", "action", "user_id", "username", "request_id", "created_at")
ORDERINGS = {"id": "id", "created_at": "id"}  # entries come in the order of their ids


@dataclass(frozen=True, slots=True)
class Filters:
    """What the audit log can be narrowed by; None does not narrow. Days are the workspace's, both included.

    `kind` is what became of the record: created, updated or deleted.
    """

    table: str | None = None
    record_id: int | None = None
    kind: str | None = None
    user_id: int | None = None
    created_from: date | None = None
    created_to: date | None = None


class Position(NamedTuple):
    """Where a reader stands: it has everything up to and including this entry."""

    transaction: int = 0
    entry: int = 0


def page(actor: Actor, filters: Filters, wanted: listing.Window) -> listing.Page:
    """The entries that match, newest first unless an ordering is wanted."""
    actor.require(AUDIT)
    rows = filtered(actor, filters)
    ordered = listing.order(rows, wanted, ORDERINGS, default="-id")
    return listing.page(ordered, wanted, count=listing.count_up_to_bound(rows), fields=ROW, **_values())


def get(actor: Actor, entry_id: int) -> dict[str, Any]:
    """One entry. Raises `NotFound`."""
    actor.require(AUDIT)
    found = Entry.objects.of(actor).filter(pk=entry_id).values("id", *ROW, **_values()).first()
    if found is None:
        raise NotFound(record="entry", id=entry_id)
    return found


def to_export(actor: Actor, filters: Filters) -> QuerySet[Entry]:
    """The entries that match, newest first, for a file. Beside the fields: `kind`, `old_json` and `new_json`."""
    actor.require(AUDIT)
    kinds = [When(verb__endswith=f".{kind}", then=Value(kind)) for kind in KINDS]
    texts = {
        f"{column}_json": NullIf(Cast(masking.shown(column), TextField()), Value("{}"), output_field=TextField())
        for column in ("old", "new")
    }
    rows = filtered(actor, filters).annotate(kind=Case(*kinds, output_field=TextField()), **texts)
    return rows.order_by("-id")


def _values() -> dict[str, Any]:
    return {"old_values": masking.shown("old"), "new_values": masking.shown("new")}


def filtered(actor: Actor, filters: Filters) -> QuerySet[Entry]:
    conditions = {
        "table": filters.table,
        "record_id": filters.record_id,
        "verb__endswith": filters.kind and f".{filters.kind}",
        "user_id": filters.user_id,
        "created_at__gte": filters.created_from and actor.start_of(filters.created_from),
        "created_at__lt": filters.created_to and actor.end_of(filters.created_to),
    }
    given = {name: value for name, value in conditions.items() if value is not None}
    return Entry.objects.of(actor).filter(**given)


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
