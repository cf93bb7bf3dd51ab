"""Clientes (sales.md, section 3)."""

from datetime import datetime
from typing import Annotated, Any

from django.http import StreamingHttpResponse
from ninja import Query
from pydantic import Field, StringConstraints

from backend.core.folding import join_name, split_name
from backend.core.listing import LARGEST_PAGE
from backend.core.tabular import Column
from backend.dialects.download import csv_file
from backend.dialects.pages import ordering as in_domain_words
from backend.dialects.pages import page_number
from backend.dialects.resource import Call, Resource
from backend.dialects.sales import PAGE_SIZE, Answer, Done, Page, page_of, sales
from backend.dialects.wire import Email, FilledText, Id, Incoming, Partial, Text, Versioned
from backend.modules.contacts import actions, queries

clients = Resource(sales, "/clientes", tag="Clientes")

ORDERINGS = {
    "nombre_completo": "first_name,last_name",
    "email": "email",
    "fecha_creacion": "created_at",
    "fecha_actualizacion": "updated_at",
    "id": "id",
}
TEXTS = ("job_title", "address", "notes")


COLUMNS = (
    Column("ID", "id", "plain"),
    Column("Nombre completo", "full_name"),
    Column("Empresa", "company__name"),
    Column("Cargo", "job_title"),
    Column("Teléfono", "phone"),
    Column("Correo", "email"),
    Column("Dirección", "address"),
    Column("Notas", "notes"),
    Column("Fecha de creación", "created_at", "moment"),
)


class ClientIn(Incoming):
    read_only = frozenset({"id", "empresa", "fecha_creacion", "fecha_actualizacion"})

    full_name: Annotated[FilledText, StringConstraints(max_length=200)] = Field(
        alias="nombre_completo", examples=["Ana María Pérez"]
    )
    company_id: Id = Field(alias="empresa_id", examples=[1])
    job_title: Annotated[Text, StringConstraints(max_length=100)] | None = Field(
        None, alias="cargo", examples=["Gerente de compras"]
    )
    phone: Annotated[FilledText, StringConstraints(max_length=20)] = Field(
        alias="telefono", examples=["+51 987 654 321"]
    )
    email: Email = Field(examples=["ana@acme.example"])
    address: Annotated[Text, StringConstraints(max_length=1000)] | None = Field(
        None, alias="direccion", examples=["Av. Larco 123, Lima"]
    )
    notes: Annotated[Text, StringConstraints(max_length=20_000)] | None = Field(
        None, alias="notas", examples=["Prefiere el correo"]
    )

    def in_domain_words(self) -> dict[str, Any]:
        """The given fields, the full name as first and last name."""
        given = self.given_texts(*TEXTS)
        if "full_name" in given:
            given["first_name"], given["last_name"] = split_name(given.pop("full_name"))
        return given


class ClientChange(ClientIn):
    # One that came without company or phone, through another dialect, shows null and ""; they may come back.
    company_id: Id | None = Field(alias="empresa_id", examples=[1])  # type: ignore[assignment]
    phone: Annotated[Text, StringConstraints(max_length=20)] = Field(alias="telefono", examples=["+51 987 654 321"])


class Client(Versioned):
    id: int = Field(examples=[1])
    full_name: str = Field(alias="nombre_completo", examples=["Ana María Pérez"])
    company_id: int | None = Field(alias="empresa_id", examples=[1])
    company_name: str | None = Field(alias="empresa", examples=["Acme Corp"])
    job_title: str = Field(alias="cargo")
    phone: str = Field(alias="telefono")
    email: str
    address: str = Field(alias="direccion")
    notes: str = Field(alias="notas")
    created_at: datetime = Field(alias="fecha_creacion")
    updated_at: datetime = Field(alias="fecha_actualizacion")

    @classmethod
    def of(cls, row: Any, **more: Any) -> "Client":
        return super().of(row, full_name=join_name(row["first_name"], row["last_name"]), **more)


@clients.post("/")
def create_client(request: Call, client: ClientIn) -> Answer[Client]:
    """Crea un cliente. Needs `contacts.add`. 404 si la empresa no existe."""
    created = actions.create(request.actor, **client.in_domain_words())
    return _answer(request, created.pk, "Cliente creado exitosamente")


@clients.get("/")
def list_clients(
    request: Call,
    search: Text | None = None,
    empresa_id: Id | None = None,
    ordering: Text | None = None,
    page: str = "1",
    page_size: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE,
) -> Page[Client]:
    """Una página de clientes, los más nuevos primero. Needs `contacts.view`.

    `search` busca en nombre, correo, teléfono (por sus dígitos), empresa y notas, sin distinguir mayúsculas ni acentos.
    """
    found = queries.page(
        request.actor,
        queries.Filters(search=search, company_id=empresa_id),
        ordering=in_domain_words(ordering, ORDERINGS),
        number=page_number(page),
        size=page_size,
    )
    return page_of(request, found, Client)


@clients.get("/export/")
def export_clients(request: Call, search: Text | None = None, empresa_id: Id | None = None) -> StreamingHttpResponse:
    """Los clientes en CSV, con los filtros del listado. Needs `contacts.export`."""
    filters = queries.Filters(search=search, company_id=empresa_id)
    return csv_file(request, queries.export(request.actor, filters, COLUMNS), name=f"clientes-{request.actor.today}")


@clients.get("/{int:client_id}/")
def get_client(request: Call, client_id: Id) -> Answer[Client]:
    """Un cliente. Needs `contacts.view`."""
    return Answer(data=Client.of(queries.get(request.actor, client_id)), message="Cliente obtenido exitosamente")


@clients.patch("/{int:client_id}/")
def update_client(request: Call, client_id: Id, client: Partial[ClientChange]) -> Answer[Client]:
    """Cambia los campos dados. Needs `contacts.change`. 404 si la empresa no existe."""
    actions.update(request.actor, client_id, **client.in_domain_words())
    return _answer(request, client_id, "Cliente actualizado exitosamente")


@clients.delete("/{int:client_id}/", status=200)
def delete_client(request: Call, client_id: Id) -> Done:
    """Elimina un cliente; sus actividades y oportunidades cerradas quedan. Needs `contacts.delete`.

    409 mientras tenga oportunidades abiertas; `details` dice cuántas.
    """
    actions.delete(request.actor, client_id)
    return Done(message="Cliente eliminado exitosamente")


def _answer(request: Call, client_id: int, message: str) -> Answer[Client]:
    return Answer(data=Client.of(queries.detail(request.actor, client_id)), message=message)
