"""Actividades (sales.md, section 5)."""

from datetime import datetime
from typing import Annotated

from django.http import StreamingHttpResponse
from ninja import Query
from pydantic import Field, StringConstraints

from backend.core.tabular import Column, csv_pieces
from backend.dialects.download import csv_file
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.pages import OrderedPageQuery
from backend.dialects.resource import Call, Resource
from backend.dialects.sales import Answer, Done, Page, sales
from backend.dialects.wire import (
    Day,
    FilledText,
    Id,
    Incoming,
    LongText,
    Moment,
    OrEmpty,
    Partial,
    Versioned,
    Vocabulary,
)
from backend.modules.activities import actions, queries
from backend.modules.exchange import sources
from backend.modules.exchange.routers.sales import ExportOrder, OrderedExport, ordered
from backend.modules.exchange.sources import Source

activities = Resource(sales, "/actividades", tag="Actividades")

KINDS = Vocabulary({"llamada": "call", "correo": "email", "reunion": "meeting", "tarea": "task", "nota": "note"})
STATUSES = Vocabulary({"pendiente": "pending", "completada": "completed", "cancelada": "cancelled"})
Kind = Annotated[str, KINDS]
Status = Annotated[str, STATUSES]
ORDERINGS = {
    "fecha_hora": "occurs_at",
    "fecha_creacion": "created_at",
    "fecha_actualizacion": "updated_at",
    "asunto": "subject",
    "tipo": "kind",
    "estado": "status",
    "id": "id",
}
COLUMNS = (
    Column("ID", "id", "plain"),
    Column("Tipo", "kind", words=KINDS.words),
    Column("Asunto", "subject"),
    Column("Descripción", "description"),
    Column("Fecha y hora", "occurs_at", "moment"),
    Column("Estado", "status", words=STATUSES.words),
    Column("Cliente", "contact_name"),
    Column("Oportunidad", "opportunity__name"),
    Column("Resultado", "result"),
    Column("Usuario", "created_by__username"),
    Column("Fecha de creación", "created_at", "moment"),
)


class ActivityIn(Incoming):
    read_only = frozenset({"id", "usuario", "usuario_id", "fecha_creacion", "fecha_actualizacion"})

    kind: Kind = Field(alias="tipo", examples=["llamada"])
    subject: Annotated[FilledText, StringConstraints(max_length=200)] = Field(
        alias="asunto", examples=["Llamada de seguimiento"]
    )
    description: OrEmpty[LongText] = Field(None, alias="descripcion", examples=["Revisar la propuesta"])
    occurs_at: Moment = Field(alias="fecha_hora", examples=["2026-12-01T15:00:00Z"])
    status: Status = Field("pendiente", alias="estado", examples=["pendiente"])
    contact_id: Id | None = Field(None, alias="cliente_id", examples=[1])
    opportunity_id: Id | None = Field(None, alias="oportunidad_id", examples=[1])
    result: OrEmpty[LongText] = Field(None, alias="resultado", examples=["Interesado"])


class ResultIn(Incoming):
    result: Annotated[LongText, StringConstraints(min_length=1)] = Field(
        alias="resultado", examples=["Pidió una propuesta"]
    )


class Activity(Versioned):
    id: int = Field(examples=[1])
    kind: Kind = Field(alias="tipo")
    subject: str = Field(alias="asunto")
    description: str = Field(alias="descripcion")
    occurs_at: datetime = Field(alias="fecha_hora")
    status: Status = Field(alias="estado")
    contact_id: int | None = Field(alias="cliente_id")
    opportunity_id: int | None = Field(alias="oportunidad_id")
    result: str = Field(alias="resultado")
    created_by_id: int | None = Field(alias="usuario_id")
    created_by_name: str | None = Field(alias="usuario", examples=["admin"])
    created_at: datetime = Field(alias="fecha_creacion")
    updated_at: datetime = Field(alias="fecha_actualizacion")


class FilterQuery(ListFilters):
    """The filters of list and export."""

    kind: Kind | None = Field(None, alias="tipo")
    status: Status | None = Field(None, alias="estado")
    contact_id: Id | None = Field(None, alias="cliente_id")
    opportunity_id: Id | None = Field(None, alias="oportunidad_id")
    occurs_from: Day | None = Field(None, alias="fecha_desde")
    occurs_to: Day | None = Field(None, alias="fecha_hasta")

    def filters(self) -> queries.Filters:
        return queries.Filters(**self.model_dump())


sources.declare(Source("sales.actividades", "Actividades", reading(FilterQuery, queries.to_export), COLUMNS))


def _answer(request: Call, activity_id: int, message: str) -> Answer[Activity]:
    return Answer(data=Activity.of(queries.detail(request.actor, activity_id)), message=message)


@activities.post("/")
def create_activity(request: Call, activity: ActivityIn) -> Answer[Activity]:
    """Crea una actividad; su autor es quien llama. Needs `activities.add`.

    404 si el cliente o la oportunidad no existen. Una `fecha_hora` sin zona es de la zona horaria del espacio.
    """
    created = actions.create(request.actor, **{"status": "pending"} | activity.given())
    return _answer(request, created.pk, "Actividad creada exitosamente")


@activities.get("/")
def list_activities(request: Call, filters: Query[FilterQuery], wanted: Query[OrderedPageQuery]) -> Page[Activity]:
    """Una página de actividades, las últimas primero. Needs `activities.view`.

    `fecha_desde` y `fecha_hasta` son días de `fecha_hora`, ambos incluidos, en la zona horaria del espacio.
    """
    found = queries.page(request.actor, filters.filters(), wanted.window_in(ORDERINGS))
    return Page[Activity].of_page(request, found)


@activities.get("/export/")
def export_activities(request: Call, filters: Query[FilterQuery]) -> StreamingHttpResponse:
    """Las actividades en CSV, con los filtros del listado. Needs `activities.export`."""
    rows = queries.to_export(request.actor, filters.filters())
    return csv_file(request, csv_pieces(rows, COLUMNS), name=f"actividades-{request.actor.today}")


@activities.post("/export/", status=202)
def order_export_activities(request: Call, filters: Query[FilterQuery], order: ExportOrder) -> Answer[OrderedExport]:
    """Encarga el archivo al servidor, que envía un enlace por correo cuando está. Needs `activities.export`.

    Con los filtros del listado, en CSV, Excel o PDF (hasta 1000 filas, 400). Cómo va lo dice `GET /api/exports/{id}/`.
    409 con demasiados en espera.
    """
    return ordered(request, "sales.actividades", filters, order)


@activities.get("/{int:activity_id}/")
def get_activity(request: Call, activity_id: Id) -> Answer[Activity]:
    """Una actividad. Needs `activities.view`."""
    found = Activity.of(queries.get(request.actor, activity_id))
    return Answer(data=found, message="Actividad obtenida exitosamente")


@activities.patch("/{int:activity_id}/")
def update_activity(request: Call, activity_id: Id, activity: Partial[ActivityIn]) -> Answer[Activity]:
    """Cambia los campos dados. Needs `activities.change`. 404 si el cliente o la oportunidad no existen."""
    actions.update(request.actor, activity_id, **activity.given())
    return _answer(request, activity_id, "Actividad actualizada exitosamente")


@activities.patch("/{int:activity_id}/completar/")
def complete_activity(request: Call, activity_id: Id, result: ResultIn) -> Answer[Activity]:
    """Marca una actividad pendiente como completada. Needs `activities.change`. 400 si ya no está pendiente."""
    actions.complete(request.actor, activity_id, result=result.result)
    return _answer(request, activity_id, "Actividad marcada como completada")


@activities.delete("/{int:activity_id}/", status=200)
def delete_activity(request: Call, activity_id: Id) -> Done:
    """Elimina una actividad. Needs `activities.delete`."""
    actions.delete(request.actor, activity_id)
    return Done(message="Actividad eliminada exitosamente")
