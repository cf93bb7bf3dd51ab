"""Los documentos de un contrato (added: urbany.md shows them in the detail)."""

from dataclasses import asdict
from typing import Annotated

from pydantic import Field, StringConstraints

from backend.dialects.resource import Call, Resource
from backend.dialects.uploads import FileAnnouncementIn, FileUpload
from backend.dialects.urbany import urbany
from backend.dialects.wire import FilledText, Id, Incoming
from backend.modules.contracts.actions import documents as actions
from backend.modules.contracts.queries import documents as queries
from backend.modules.contracts.routers.urbany.shapes import Document, Label, Title

documents = Resource(urbany, "/contratos", tag="Contratos")


class DocumentIn(Incoming):
    read_only = frozenset({"id", "file", "uploaded_at"})

    key: Annotated[FilledText, StringConstraints(max_length=200)] = Field(examples=["1/4fT…"])
    title: Title = Field(examples=["Contrato Principal"])
    kind: Label = Field(alias="document_type", examples=["Contrato"])


@documents.post("/{int:contract_id}/documents/presign/", status=200)
def presign_document(request: Call, contract_id: Id, file: FileAnnouncementIn) -> FileUpload:
    """Anuncia el archivo de un documento y dice adónde enviarlo. Needs `contracts.change`.

    Envíelo con `method` a `url` y con exactamente estos `headers`, antes de `expires_at` (una hora), y después registre
    el documento con `key` (un día). 400 si el tipo no se acepta o es demasiado grande; 409 si el contrato ya terminó o
    tiene cien documentos.
    """
    return FileUpload.at(request, asdict(actions.presign(request.actor, contract_id, **file.given())))


@documents.post("/{int:contract_id}/documents/")
def add_document(request: Call, contract_id: Id, document: DocumentIn) -> Document:
    """Registra como documento, una sola vez, el archivo que ya se subió. Needs `contracts.change`.

    404 si la clave no se anunció para este contrato; 409 si ya se registró, o el contrato ya terminó; 422 si no se
    subió nada, o algo de otro tipo o tamaño, o pasó más de un día.
    """
    made = actions.add(request.actor, contract_id, **document.given())
    return Document.at(request, queries.detail(request.actor, made.pk))


@documents.delete("/{int:contract_id}/documents/{int:document_id}/")
def delete_document(request: Call, contract_id: Id, document_id: Id) -> None:
    """Elimina un documento y su archivo. Needs `contracts.change`. 409 si el contrato ya terminó."""
    actions.delete(request.actor, document_id, contract_id=contract_id)
