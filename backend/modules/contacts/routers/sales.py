"""Clientes (sales.md, section 3)."""

from datetime import datetime
from typing import Annotated, Any

from django.http import StreamingHttpResponse
from ninja import Query
from pydantic import Field, StringConstraints

from backend.core.folding import join_name, split_name
from backend.core.tabular import Column, csv_pieces
from backend.dialects.download import csv_file
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.pages import OrderedPageQuery
from backend.dialects.resource import Call, Resource
from backend.dialects.sales import Answer, Done, Page, sales
from backend.dialects.wire import (
    Address,
    Email,
    EmailOrEmpty,
    FilledText,
    Id,
    Incoming,
    LongText,
    OrEmpty,
    Partial,
    Phone,
    Text,
    Versioned,
)
from backend.modules.contacts import actions, queries
from backend.modules.exchange import sources
from backend.modules.exchange.routers.sales import ExportOrder, OrderedExport, ordered
from backend.modules.exchange.sources import Source

clients = Resource(sales, "/clientes", tag="Clientes")

ORDERINGS = {
    "nombre_completo": "first_name,last_name",
    "email": "email",
    "fecha_creacion": "created_at",
    "fecha_actualizacion": "updated_at",
    "id": "id",
}
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


class FilterQuery(ListFilters):
    """The filters of list and export."""

    search: Text | None = None
    company_id: Id | None = Field(None, alias="empresa_id")

    def filters(self) -> queries.Filters:
        return queries.Filters(**self.model_dump())


sources.declare(Source("sales.clientes", "Clientes", reading(FilterQuery, queries.to_export), COLUMNS))


class ClientIn(Incoming):
    read_only = frozenset({"id", "empresa", "fecha_creacion", "fecha_actualizacion"})

    full_name: Annotated[FilledText, StringConstraints(max_length=200)] = Field(
        alias="nombre_completo", examples=["Ana María Pérez"]
    )
    company_id: Id = Field(alias="empresa_id", examples=[1])
    job_title: OrEmpty[Annotated[Text, StringConstraints(max_length=100)]] = Field(
        None, alias="cargo", examples=["Gerente de compras"]
    )
    phone: Annotated[Phone, StringConstraints(min_length=1)] = Field(alias="telefono", examples=["+51 987 654 321"])
    email: Email = Field(examples=["ana@acme.example"])
    address: OrEmpty[Address] = Field(None, alias="direccion", examples=["Av. Larco 123, Lima"])
    notes: OrEmpty[LongText] = Field(None, alias="notas", examples=["Prefiere el correo"])

    def given(self) -> dict[str, Any]:
        """The given fields, the full name as first and last name."""
        given = super().given()
        if "full_name" in given:
            given["first_name"], given["last_name"] = split_name(given.pop("full_name"))
        return given


class ClientChange(ClientIn):
    # One that came without company, phone or address, through another dialect, shows them empty; they may come back.
    company_id: Id | None = Field(alias="empresa_id", examples=[1])  # type: ignore[assignment]
    phone: Phone = Field(alias="telefono", examples=["+51 987 654 321"])
    email: EmailOrEmpty = Field(examples=["ana@acme.example"])


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
    created = actions.create(request.actor, **client.given())
    return _answer(request, created.pk, "Cliente creado exitosamente")


@clients.get("/")
def list_clients(request: Call, filters: Query[FilterQuery], wanted: Query[OrderedPageQuery]) -> Page[Client]:
    """Una página de clientes, los más nuevos primero. Needs `contacts.view`.

    `search` busca en nombre, correo, teléfono (por sus dígitos), empresa y notas, sin distinguir mayúsculas ni acentos.
    """
    found = queries.page(request.actor, filters.filters(), wanted.window_in(ORDERINGS))
    return Page[Client].of_page(request, found)


@clients.get("/export/")
def export_clients(request: Call, filters: Query[FilterQuery]) -> StreamingHttpResponse:
    """Los clientes en CSV, con los filtros del listado. Needs `contacts.export`."""
    rows = queries.to_export(request.actor, filters.filters())
    return csv_file(request, csv_pieces(rows, COLUMNS), name=f"clientes-{request.actor.today}")


@clients.post("/export/", status=202)
def order_export_clients(request: Call, filters: Query[FilterQuery], order: ExportOrder) -> Answer[OrderedExport]:
    """Encarga el archivo al servidor, que envía un enlace por correo cuando está. Needs `contacts.export`.

    Con los filtros del listado, en CSV, Excel o PDF (hasta 1000 filas, 400). Cómo va lo dice `GET /api/exports/{id}/`.
    409 con demasiados en espera.
    """
    return ordered(request, "sales.clientes", filters, order)


@clients.get("/{int:client_id}/")
def get_client(request: Call, client_id: Id) -> Answer[Client]:
    """Un cliente. Needs `contacts.view`."""
    return Answer(data=Client.of(queries.get(request.actor, client_id)), message="Cliente obtenido exitosamente")


@clients.patch("/{int:client_id}/")
def update_client(request: Call, client_id: Id, client: Partial[ClientChange]) -> Answer[Client]:
    """Cambia los campos dados. Needs `contacts.change`. 404 si la empresa no existe."""
    actions.update(request.actor, client_id, **client.given())
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
