"""Empresas (sales.md, section 2)."""

from datetime import datetime
from typing import Annotated, Any, Self

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
    Address,
    FilledText,
    Id,
    Incoming,
    LongText,
    OrEmpty,
    Partial,
    Phone,
    Text,
    Url,
    Versioned,
    Vocabulary,
)
from backend.modules.companies import actions, queries
from backend.modules.contacts import queries as contacts
from backend.modules.contacts.routers.sales import Client
from backend.modules.exchange import sources
from backend.modules.exchange.routers.sales import ExportOrder, OrderedExport, ordered
from backend.modules.exchange.sources import Source
from backend.modules.opportunities import queries as opportunities
from backend.modules.opportunities.routers.sales import Opportunity

companies = Resource(sales, "/empresas", tag="Empresas")

INDUSTRIES = Vocabulary({
    "tecnologia": "technology",
    "salud": "health",
    "educacion": "education",
    "finanzas": "finance",
    "manufactura": "manufacturing",
    "comercio": "commerce",
    "construccion": "construction",
    "inmobiliaria": "real_estate",
    "servicios": "services",
    "gobierno": "government",
    "otro": "other",
})  # fmt: skip
Industry = Annotated[str, INDUSTRIES]
ORDERINGS = {
    "nombre": "name",
    "industria": "industry",
    "num_empleados": "employees",
    "fecha_creacion": "created_at",
    "fecha_actualizacion": "updated_at",
    "id": "id",
}
COLUMNS = (
    Column("ID", "id", "plain"),
    Column("Nombre", "name"),
    Column("Industria", "industry", words=INDUSTRIES.words),
    Column("Número de empleados", "employees", "plain"),
    Column("Sitio web", "website"),
    Column("Teléfono", "phone"),
    Column("Dirección", "address"),
    Column("Notas", "notes"),
    Column("Fecha de creación", "created_at", "moment"),
)


class FilterQuery(ListFilters):
    """The filters of list and export."""

    search: Text | None = None
    industry: Industry | None = Field(None, alias="industria")

    def filters(self) -> queries.Filters:
        return queries.Filters(**self.model_dump())


sources.declare(Source("sales.empresas", "Empresas", reading(FilterQuery, queries.to_export), COLUMNS))


class CompanyIn(Incoming):
    read_only = frozenset({"id", "fecha_creacion", "fecha_actualizacion", "clientes", "oportunidades"})

    name: Annotated[FilledText, StringConstraints(max_length=200)] = Field(alias="nombre", examples=["Acme Corp"])
    industry: OrEmpty[Industry] = Field(None, alias="industria", examples=["tecnologia"])
    employees: Annotated[int, Field(ge=0, le=10_000_000)] | None = Field(None, alias="num_empleados", examples=[250])
    website: OrEmpty[Url] = Field(None, alias="sitio_web", examples=["https://acme.example"])
    phone: OrEmpty[Phone] = Field(None, alias="telefono", examples=["+51 1 234 5678"])
    address: OrEmpty[Address] = Field(None, alias="direccion", examples=["Av. Larco 123, Lima"])
    notes: OrEmpty[LongText] = Field(None, alias="notas", examples=["Cliente desde 2019"])


class Company(Versioned):
    id: int = Field(examples=[1])
    name: str = Field(alias="nombre", examples=["Acme Corp"])
    industry: Industry | None = Field(alias="industria", examples=["tecnologia"])
    employees: int | None = Field(alias="num_empleados", examples=[250])
    website: str = Field(alias="sitio_web", examples=["https://acme.example"])
    phone: str = Field(alias="telefono", examples=["+51 1 234 5678"])
    address: str = Field(alias="direccion")
    notes: str = Field(alias="notas")
    created_at: datetime = Field(alias="fecha_creacion")
    updated_at: datetime = Field(alias="fecha_actualizacion")

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        return super().of({**row, "industry": row["industry"] or None}, **more)


class CompanyDetail(Company):
    clients: list[Client] = Field(alias="clientes")
    opportunities: list[Opportunity] = Field(alias="oportunidades")


@companies.post("/")
def create_company(request: Call, company: CompanyIn) -> Answer[Company]:
    """Crea una empresa. Needs `companies.add`.

    409 si otra empresa del espacio tiene este nombre, sin distinguir mayúsculas ni espacios alrededor.
    """
    created = actions.create(request.actor, **company.given())
    return _answer(request, created.pk, "Empresa creada exitosamente")


@companies.get("/")
def list_companies(request: Call, filters: Query[FilterQuery], wanted: Query[OrderedPageQuery]) -> Page[Company]:
    """Una página de empresas por nombre. Needs `companies.view`.

    `search` busca en nombre, teléfono, dirección y notas, sin distinguir mayúsculas ni acentos. `ordering`: nombre,
    industria, num_empleados, fecha_creacion, fecha_actualizacion, id, con `-` delante para invertir.
    """
    found = queries.page(request.actor, filters.filters(), wanted.window_in(ORDERINGS))
    return Page[Company].of_page(request, found)


@companies.get("/export/")
def export_companies(request: Call, filters: Query[FilterQuery]) -> StreamingHttpResponse:
    """Las empresas en CSV, con los filtros del listado. Needs `companies.export`."""
    rows = queries.to_export(request.actor, filters.filters())
    return csv_file(request, csv_pieces(rows, COLUMNS), name=f"empresas-{request.actor.today}")


@companies.post("/export/", status=202)
def order_export_companies(request: Call, filters: Query[FilterQuery], order: ExportOrder) -> Answer[OrderedExport]:
    """Encarga el archivo al servidor, que envía un enlace por correo cuando está. Needs `companies.export`.

    Con los filtros del listado, en CSV, Excel o PDF (hasta 1000 filas, 400). Cómo va lo dice `GET /api/exports/{id}/`.
    409 con demasiados en espera.
    """
    return ordered(request, "sales.empresas", filters, order)


@companies.get("/{int:company_id}/")
def get_company(request: Call, company_id: Id) -> Answer[CompanyDetail]:
    """Una empresa con sus clientes y oportunidades. Needs `companies.view`.

    Las listas están vacías para quien no puede ver clientes u oportunidades.
    """
    row = queries.get(request.actor, company_id)
    found = CompanyDetail.of(
        row,
        clients=[Client.of(each) for each in contacts.rows_of_company(request.actor, company_id)],
        opportunities=[Opportunity.of(each) for each in opportunities.rows_of_company(request.actor, company_id)],
    )
    return Answer(data=found, message="Empresa obtenida exitosamente")


@companies.patch("/{int:company_id}/")
def update_company(request: Call, company_id: Id, company: Partial[CompanyIn]) -> Answer[Company]:
    """Cambia los campos dados. Needs `companies.change`. 409 si otra empresa tiene este nombre."""
    actions.update(request.actor, company_id, **company.given())
    return _answer(request, company_id, "Empresa actualizada exitosamente")


@companies.delete("/{int:company_id}/", status=200)
def delete_company(request: Call, company_id: Id) -> Done:
    """Elimina una empresa. Needs `companies.delete`.

    409 mientras tenga clientes u oportunidades; `details` dice cuántos.
    """
    actions.delete(request.actor, company_id)
    return Done(message="Empresa eliminada exitosamente")


def _answer(request: Call, company_id: int, message: str) -> Answer[Company]:
    return Answer(data=Company.of(queries.detail(request.actor, company_id)), message=message)
