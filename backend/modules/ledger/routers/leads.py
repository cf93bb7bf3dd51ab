"""The audit log (leads.md, "Audit Log"; its operations are added)."""

from datetime import datetime
from typing import Annotated, Any, Self

from ninja import Query
from pydantic import Field

from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.leads import Array, OrderedSkipQuery
from backend.dialects.leads import leads as dialect
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import Day, Id, Text, Vocabulary, Wire
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source
from backend.modules.ledger import queries

audit_logs = Resource(dialect, "/audit-logs", tag="Audit log")

KINDS = {"create": "created", "update": "updated", "delete": "deleted"}
Kind = Annotated[str, Vocabulary(KINDS)]


class FilterQuery(ListFilters):
    """The filters of the list."""

    table: Text | None = Field(None, max_length=64, description="As in `table` of an entry", examples=["leads"])
    record_id: Id | None = Field(None, examples=[1])
    kind: Kind | None = Field(None, alias="action")
    user_id: Id | None = Field(None, examples=[2])
    created_from: Day | None = Field(None, description="A day of the workspace's time zone", examples=["2026-11-01"])
    created_to: Day | None = Field(None, description="The last day, included", examples=["2026-11-30"])

    def filters(self) -> queries.Filters:
        return queries.Filters(**self.model_dump())


class AuditLog(Wire):
    id: int = Field(examples=[812])
    table: str = Field(alias="table_name", examples=["leads"])
    record_id: int = Field(examples=[1])
    kind: Kind = Field(alias="action", examples=["update"])
    old_values: dict[str, Any] | None = Field(
        description="Of the fields that changed; null if it was created", examples=[{"status": "new"}]
    )
    new_values: dict[str, Any] | None = Field(
        description="The same after the change; null if it was deleted", examples=[{"status": "contacted"}]
    )
    user_id: int | None = Field(description="null: an API key or the server itself", examples=[2])
    username: str = Field(examples=["maria"])
    operation: str = Field(description="What was done, as in `lead.assign`", examples=["lead.set_status"])
    request_id: str = Field(examples=["6f9c…"])
    created_at: datetime

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        values = {name: row[name] or None for name in ("old_values", "new_values")}
        return super().of(row | values, kind=row["verb"].rpartition(".")[2], operation=row["action"], **more)


sources.declare(
    Source(
        "leads.audit-logs",
        "Audit log",
        reading(FilterQuery, queries.to_export),
        columns(AuditLog, operation="action", old_values="old_json", new_values="new_json"),
    )
)


@audit_logs.get("")
def list_audit_logs(request: Call, filters: Query[FilterQuery], wanted: Query[OrderedSkipQuery]) -> Array[AuditLog]:
    """Every change of every record, through any dialect, newest first. Needs `audit.view`, which administrators hold.

    Passwords, tokens and other secrets are masked, and so is what people write to each other. Nobody can change or
    delete an entry. `ordering` takes `id` and `created_at`.
    """
    found = queries.page(request.actor, filters.filters(), wanted.window_in(queries.ORDERINGS))
    return Array[AuditLog].of_page(found, AuditLog.of)


@audit_logs.get("/{int:entry_id}")
def get_audit_log(request: Call, entry_id: Id) -> AuditLog:
    """One entry. Needs `audit.view`."""
    return AuditLog.of(queries.get(request.actor, entry_id))
