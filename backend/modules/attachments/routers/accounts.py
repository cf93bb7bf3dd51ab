"""Adjuntos (accounts.md): presign, the file itself to the storage, confirm."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from django.db.models import QuerySet
from ninja import Query
from pydantic import Field, StringConstraints

from backend.core import listing
from backend.core.actor import Actor
from backend.dialects.accounts import Page, PageQuery, accounts
from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import LARGEST_ID, FilledText, Id, Incoming, Versioned, Wire
from backend.modules.attachments import actions, queries
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source
from backend.modules.opportunities.actions import SUBJECT

attachments = Resource(accounts, "/v1/attachments", tag="Adjuntos")

Size = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class AnnouncementIn(Incoming):
    subject_id: Id = Field(alias="opportunityId", examples=[1])
    filename: Annotated[FilledText, StringConstraints(max_length=1000)] = Field(examples=["oferta.pdf"])
    content_type: Annotated[FilledText, StringConstraints(max_length=1000)] = Field(
        alias="contentType", examples=["application/pdf"]
    )
    size: Size | None = Field(None, description="En bytes, si ya se sabe", examples=[52_428])


class Presigned(Wire):
    url: str = Field(examples=["https://crm.example/files/eyJr…"])
    fields: dict[str, str] = Field(description="Vacío: se sube con PUT, no con un formulario", examples=[{}])
    method: Literal["PUT"]
    to_send: dict[str, str] = Field(
        alias="headers", description="Van tal cual con la subida", examples=[{"Content-Type": "application/pdf"}]
    )
    key: str = Field(description="Para confirmar", examples=["1/4fT…"])
    expires_at: datetime = Field(alias="expiresAt", description="Hasta cuándo se puede subir")


class ConfirmationIn(Incoming):
    key: Annotated[FilledText, StringConstraints(max_length=200)] = Field(examples=["1/4fT…"])


class Attachment(Versioned):
    id: int = Field(examples=[1])
    opportunity_id: int | None = Field(alias="opportunityId", description="null si es de otra cosa", examples=[1])
    filename: str = Field(examples=["oferta.pdf"])
    content_type: str = Field(alias="contentType", examples=["application/pdf"])
    size: int = Field(description="En bytes", examples=[52_428])
    created_by_name: str | None = Field(alias="createdBy", examples=["ana"])
    created_at: datetime = Field(alias="createdAt")

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        is_of_one = row["subject_kind"] == SUBJECT
        return super().of(row, opportunity_id=row["subject_id"] if is_of_one else None, **more)


class AttachmentToFetch(Attachment):
    url: str = Field(description="Vale cinco minutos", examples=["https://crm.example/files/eyJr…"])


class SubjectQuery(ListFilters):
    opportunity_id: Id = Field(alias="opportunityId")

    def filters(self) -> int:
        return self.opportunity_id


def _to_export(actor: Actor, opportunity_id: int) -> QuerySet:
    return queries.to_export(actor, SUBJECT, opportunity_id)


sources.declare(
    Source(
        "accounts.attachments",
        "Adjuntos",
        reading(SubjectQuery, _to_export),
        columns(Attachment, opportunity_id="subject_id"),
    )
)


@attachments.post("/presign", status=200)
def presign_attachment(request: Call, file: AnnouncementIn) -> Presigned:
    """Anuncia un archivo para una oportunidad y dice adónde enviarlo. Needs `attachments.add`.

    Envíelo con `method` a `url` y con exactamente estos `headers`, antes de `expiresAt` (una hora), y después
    confírmelo con `key` (un día). 404 si la oportunidad no existe; 400 si el tipo no se acepta o es demasiado grande.
    """
    to = actions.presign(request.actor, subject_kind=SUBJECT, **file.model_dump())
    told = asdict(to)
    return Presigned.of(told, url=request.build_absolute_uri(to.url), to_send=told["headers"])


@attachments.post("/confirm")
def confirm_attachment(request: Call, file: ConfirmationIn) -> Attachment:
    """Registra el archivo, una sola vez, cuando ya se subió. Needs `attachments.add`.

    404 si la clave no existe, 409 si ya se confirmó; 422 si no se subió nada, o algo de otro tipo o tamaño, o pasó más
    de un día.
    """
    confirmed = actions.confirm(request.actor, key=file.key)
    return Attachment.of(queries.detail(request.actor, confirmed.pk))


@attachments.get("")
def list_attachments(request: Call, subject: Query[SubjectQuery], wanted: Query[PageQuery]) -> Page[Attachment]:
    """Los adjuntos de una oportunidad, los últimos primero. Needs `attachments.view`. 404 si no existe."""
    rows = queries.rows_of(request.actor, SUBJECT, subject.opportunity_id)
    return Page[Attachment].of_page(listing.page_of_all(rows, wanted.window()))


@attachments.get("/{int:attachment_id}")
def get_attachment(request: Call, attachment_id: Id) -> AttachmentToFetch:
    """Un adjunto, con una dirección (`url`) que por cinco minutos lo descarga. Needs `attachments.view`."""
    url = request.build_absolute_uri(queries.download(request.actor, attachment_id))
    return AttachmentToFetch.of(queries.get(request.actor, attachment_id), url=url)


@attachments.delete("/{int:attachment_id}")
def delete_attachment(request: Call, attachment_id: Id) -> None:
    """Elimina un adjunto y su archivo. Needs `attachments.delete`."""
    actions.delete(request.actor, attachment_id)
