"""Exports as jobs: ordered, looked at, cancelled, fetched (README of the contracts has none: Crisol's own)."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Query
from pydantic import Field, StringConstraints

from backend.dialects.crisol import crisol
from backend.dialects.pages import PageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import FilledText, Id, Incoming, Versioned, Vocabulary, Wire
from backend.modules.exchange import actions, queries

exports = Resource(crisol, "/exports", tag="Exports")

Format = Annotated[str, Vocabulary({word: word for word in ("csv", "xlsx", "pdf")})]


class ExportIn(Incoming):
    source: Annotated[FilledText, StringConstraints(max_length=100)] = Field(
        description="One of `GET /api/exports/sources/`", examples=["sales.clientes"]
    )
    filters: dict[str, Any] = Field(
        {}, description="The parameters that the list's page takes, spelled alike", examples=[{"search": "lima"}]
    )
    format: Format = Field("csv", examples=["xlsx"])


class Export(Versioned):
    id: int
    source: str = Field(examples=["sales.clientes"])
    filters: dict[str, Any]
    format: str = Field(examples=["xlsx"])
    status: str = Field(description="waiting, running, done, failed or cancelled", examples=["running"])
    rows_done: int = Field(examples=[20000])
    rows_total: int | None = Field(examples=[1000000])
    last_error: str = Field(description="The code of the last error, if any", examples=[""])
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None = Field(description="When the file goes, seven days after the end")


class ExportDetail(Export):
    address: str | None = Field(
        alias="download_url",
        description="Good for ten minutes; one that begins with `/` is this server's",
        examples=["/files/eyJrZXkiOi…"],
    )


class Source(Wire):
    name: str = Field(examples=["sales.clientes"])
    title: str = Field(examples=["Clientes"])


class Sources(Wire):
    results: list[Source]


@exports.post("/", status=202)
def order_export(request: Call, export: ExportIn) -> ExportDetail:
    """Have a list written into a file by the worker, who mails a link when it is there.

    Needs `companies.export`, `contacts.export`, `opportunities.export` or `activities.export`, or what the list itself
    needs where there is no such right, now and when it is written: the file has what the caller may see then.
    400 for an unknown source or filter, and for a PDF of more than 1000 rows; 409 while too many exports of the caller
    wait; 503 for a PDF where the server can't make any.
    """
    ordered = actions.order(request.actor, source=export.source, filters=export.filters, format=export.format)
    return ExportDetail.of(queries.get(request.actor, ordered.pk))


@exports.get("/")
def list_exports(request: Call, wanted: Query[PageQuery]) -> ResultsPage[Export]:
    """The caller's own exports, the newest first. Needs a login alone."""
    return ResultsPage[Export].of_page(request, queries.page(request.actor, wanted.window()))


@exports.get("/sources/")
def list_sources(request: Call) -> Sources:
    """The lists that can be exported. Needs a login alone."""
    return Sources(results=[Source.of_object(each) for each in queries.choices(request.actor)])


@exports.get("/{int:export_id}/")
def get_export(request: Call, export_id: Id) -> ExportDetail:
    """How far an export is, and where its file can be had. Needs a login alone; others' exports are a 404."""
    return ExportDetail.of(queries.get(request.actor, export_id))


@exports.post("/{int:export_id}/cancel/", status=200)
def cancel_export(request: Call, export_id: Id) -> ExportDetail:
    """End an export that waits or runs; the worker stops within a second. Needs a login alone. 409 if it has ended."""
    actions.cancel(request.actor, export_id)
    return ExportDetail.of(queries.get(request.actor, export_id))
