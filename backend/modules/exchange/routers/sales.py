"""An export that is written by the worker, as the lists of sales order it (beside the document)."""

from typing import Annotated

from pydantic import Field

from backend.dialects.kept_query import ListFilters, kept
from backend.dialects.resource import Call
from backend.dialects.sales import Answer
from backend.dialects.wire import Incoming, Vocabulary, Wire
from backend.modules.exchange import actions, queries

Format = Annotated[str, Vocabulary({word: word for word in ("csv", "xlsx", "pdf")})]


class ExportOrder(Incoming):
    format: Format = Field("csv", alias="formato", examples=["xlsx"])


class OrderedExport(Wire):
    id: int = Field(examples=[1])
    status: str = Field(alias="estado", examples=["waiting"])
    format: str = Field(alias="formato", examples=["xlsx"])
    address: str = Field(alias="url", description="Dónde ver cómo va", examples=["/api/exports/1/"])


def ordered(request: Call, source: str, filters: ListFilters, order: ExportOrder) -> Answer[OrderedExport]:
    """Order the list of this name with the filters of its page."""
    made = actions.order(request.actor, source=source, filters=kept(filters), format=order.format)
    row = queries.get(request.actor, made.pk)
    found = OrderedExport(
        id=row["id"], status=row["status"], format=row["format"], address=f"/api/exports/{row['id']}/"
    )
    return Answer(data=found, message="Exportación encargada exitosamente")
