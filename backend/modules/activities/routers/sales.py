"""Actividades (sales.md, section 5)."""

from datetime import datetime
from typing import Annotated

from django.http import StreamingHttpResponse
from ninja import Query
from pydantic import Field, StringConstraints

from backend.core.listing import LARGEST_PAGE
from backend.core.tabular import Column
from backend.dialects.download import csv_file
from backend.dialects.pages import ordering as in_domain_words
from backend.dialects.pages import page_number
from backend.dialects.resource import Call, Resource
from backend.dialects.sales import PAGE_SIZE, Answer, Done, Page, page_of, sales
from backend.dialects.wire import Day, FilledText, Id, Incoming, Moment, Partial, Text, Versioned, Vocabulary, Wire
from backend.modules.activities import actions, queries

activities = Resource(sales, "/actividades", tag="Actividades")

KINDS = {"llamada": "call", "correo": "email", "reunion": "meeting", "tarea": "task", "nota": "note"}
STATUSES = {"pendiente": "pending", "completada": "completed", "cancelada": "cancelled"}
Kind = Annotated[str, Vocabulary(KINDS)]
Status = Annotated[str, Vocabulary(STATUSES)]
LongText = Annotated[Text, StringConstraints(max_length=20_000)]
TEXTS = ("description", "result")
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
    Column("Tipo", "kind", words={value: word for word, value in KINDS.items()}),
    Column("Asunto", "subject"),
    Column("Descripción", "description"),
    Column("Fecha y hora", "occurs_at", "moment"),
    Column("Estado", "status", words={value: word for word, value in STATUSES.items()}),
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
    description: LongText | None = Field(None, alias="descripcion", examples=["Revisar la propuesta"])
    occurs_at: Moment = Field(alias="fecha_hora", examples=["2026-12-01T15:00:00Z"])
    status: Status = Field("pendiente", alias="estado", examples=["pendiente"])
    contact_id: Id | None = Field(None, alias="cliente_id", examples=[1])
    opportunity_id: Id | None = Field(None, alias="oportunidad_id", examples=[1])
    result: LongText | None = Field(None, alias="resultado", examples=["Interesado"])


class ResultIn(Incoming):
    result: Annotated[FilledText, StringConstraints(max_length=20_000)] = Field(
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


class FilterQuery(Wire):
    """The filters of list and export."""

    tipo: Kind | None = None
    estado: Status | None = None
    cliente_id: Id | None = None
    oportunidad_id: Id | None = None
    fecha_desde: Day | None = None
    fecha_hasta: Day | None = None

    def in_domain_words(self) -> queries.Filters:
        return queries.Filters(
            kind=self.tipo,
            status=self.estado,
            contact_id=self.cliente_id,
            opportunity_id=self.oportunidad_id,
            occurs_from=self.fecha_desde,
            occurs_to=self.fecha_hasta,
        )


def _answer(request: Call, activity_id: int, message: str) -> Answer[Activity]:
    return Answer(data=Activity.of(queries.detail(request.actor, activity_id)), message=message)


@activities.post("/")
def create_activity(request: Call, activity: ActivityIn) -> Answer[Activity]:
    """Crea una actividad; su autor es quien llama. Needs `activities.add`.

    404 si el cliente o la oportunidad no existen. Una `fecha_hora` sin zona es de la zona horaria del espacio.
    """
    given = {"status": "pending"} | activity.given_texts(*TEXTS)
    given["occurs_at"] = request.actor.local(activity.occurs_at)
    created = actions.create(request.actor, **given)
    return _answer(request, created.pk, "Actividad creada exitosamente")


@activities.get("/")
def list_activities(
    request: Call,
    filters: Query[FilterQuery],
    ordering: Text | None = None,
    page: str = "1",
    page_size: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE,
) -> Page[Activity]:
    """Una página de actividades, las últimas primero. Needs `activities.view`.

    `fecha_desde` y `fecha_hasta` son días de `fecha_hora`, ambos incluidos, en la zona horaria del espacio.
    """
    found = queries.page(
        request.actor,
        filters.in_domain_words(),
        ordering=in_domain_words(ordering, ORDERINGS),
        number=page_number(page),
        size=page_size,
    )
    return page_of(request, found, Activity)


@activities.get("/export/")
def export_activities(request: Call, filters: Query[FilterQuery]) -> StreamingHttpResponse:
    """Las actividades en CSV, con los filtros del listado. Needs `activities.export`."""
    pieces = queries.export(request.actor, filters.in_domain_words(), COLUMNS)
    return csv_file(request, pieces, name=f"actividades-{request.actor.today}")


@activities.get("/{int:activity_id}/")
def get_activity(request: Call, activity_id: Id) -> Answer[Activity]:
    """Una actividad. Needs `activities.view`."""
    found = Activity.of(queries.get(request.actor, activity_id))
    return Answer(data=found, message="Actividad obtenida exitosamente")


@activities.patch("/{int:activity_id}/")
def update_activity(request: Call, activity_id: Id, activity: Partial[ActivityIn]) -> Answer[Activity]:
    """Cambia los campos dados. Needs `activities.change`. 404 si el cliente o la oportunidad no existen."""
    given = activity.given_texts(*TEXTS)
    if "occurs_at" in given:
        given["occurs_at"] = request.actor.local(given["occurs_at"])
    actions.update(request.actor, activity_id, **given)
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
