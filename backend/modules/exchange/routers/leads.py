"""An export that is written by the worker, as the lists of leads order it (leads.md, "Próximas Mejoras")."""

from typing import Annotated, Any

from pydantic import Field

from backend.dialects.kept_query import ListFilters, kept
from backend.dialects.resource import Call
from backend.dialects.wire import Incoming, Vocabulary, Wire
from backend.modules.exchange import actions, queries

Format = Annotated[str, Vocabulary({word: word for word in ("xlsx", "csv", "pdf")})]


class ExportOrder(Incoming):
    format: Format = Field("xlsx", examples=["xlsx"])


class OrderedExport(Wire):
    id: int = Field(examples=[1])
    status: str = Field(examples=["waiting"])
    format: str = Field(examples=["xlsx"])
    address: str = Field(alias="url", description="Where to see how far it is", examples=["/api/exports/1/"])

    @classmethod
    def of(cls, row: Any, **more: Any) -> "OrderedExport":
        return super().of(row, address=f"/api/exports/{row['id']}/", **more)


def ordered(request: Call, source: str, filters: ListFilters, order: ExportOrder) -> OrderedExport:
    """Order the list of this name with the filters of its page."""
    made = actions.order(request.actor, source=source, filters=kept(filters), format=order.format)
    return OrderedExport.of(queries.get(request.actor, made.pk))
