"""Contactos (accounts.md, "Cuentas y contactos"; the document's dots are as for accounts)."""

from datetime import datetime
from typing import Annotated, Any, Self

from ninja import Query
from pydantic import Field, StringConstraints

from backend.dialects.accounts import Page, PageQuery, accounts
from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import (
    Address,
    EmailOrEmpty,
    Id,
    Incoming,
    LongText,
    OrEmpty,
    Phone,
    Text,
    Versioned,
)
from backend.modules.contacts import actions, queries
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source

contacts = Resource(accounts, "/v1/contacts", tag="Contactos")

Name = Annotated[Text, StringConstraints(max_length=200)]


class FilterQuery(ListFilters):
    """The filters of the list. An empty search does not narrow."""

    search: Text | None = Field(None, alias="query")
    company_id: Id | None = Field(None, alias="accountId")

    def filters(self) -> queries.Filters:
        return queries.Filters(search=self.search or None, company_id=self.company_id)


class ContactIn(Incoming):
    read_only = frozenset({"id", "accountName", "createdAt", "updatedAt"})

    first_name: Annotated[Name, StringConstraints(min_length=1)] = Field(alias="firstName", examples=["Ana María"])
    last_name: OrEmpty[Name] = Field(None, alias="lastName", examples=["Pérez"])
    email: OrEmpty[EmailOrEmpty] = Field(None, examples=["ana@acme.example"])
    phone: OrEmpty[Phone] = Field(None, examples=["+51 987 654 321"])
    job_title: OrEmpty[Annotated[Text, StringConstraints(max_length=100)]] = Field(
        None, alias="jobTitle", examples=["Gerente de compras"]
    )
    address: OrEmpty[Address] = Field(None, examples=["Av. Larco 123, Lima"])
    notes: OrEmpty[LongText] = Field(None, examples=["Prefiere el correo"])
    company_id: Id | None = Field(None, alias="accountId", examples=[1])


class Contact(Versioned):
    id: int = Field(examples=[1])
    first_name: str = Field(alias="firstName", examples=["Ana María"])
    last_name: str = Field(alias="lastName", examples=["Pérez"])
    email: str
    phone: str
    job_title: str = Field(alias="jobTitle")
    address: str
    notes: str
    company_id: int | None = Field(alias="accountId", examples=[1])
    company_name: str | None = Field(alias="accountName", examples=["Acme Perú SAC"])
    created_at: datetime = Field(alias="createdAt")
    updated_at: datetime = Field(alias="updatedAt")

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        return super().of({**row, "company_name": row["company_name"] or None}, **more)


sources.declare(Source("accounts.contacts", "Contactos", reading(FilterQuery, queries.to_export), columns(Contact)))


@contacts.post("")
def create_contact(request: Call, contact: ContactIn) -> Contact:
    """Crea un contacto; solo `firstName` es obligatorio. Needs `contacts.add`. 404 si la cuenta no existe."""
    created = actions.create(request.actor, **contact.given())
    return Contact.of(queries.detail(request.actor, created.pk))


@contacts.get("")
def list_contacts(request: Call, filters: Query[FilterQuery], wanted: Query[PageQuery]) -> Page[Contact]:
    """Una página de contactos, los más nuevos primero. Needs `contacts.view`.

    `query` busca en nombre, correo, teléfono (por sus dígitos), cuenta y notas, sin distinguir mayúsculas ni acentos.
    """
    return Page[Contact].of_page(queries.page(request.actor, filters.filters(), wanted.window()))


@contacts.get("/{int:contact_id}")
def get_contact(request: Call, contact_id: Id) -> Contact:
    """Un contacto. Needs `contacts.view`."""
    return Contact.of(queries.get(request.actor, contact_id))


@contacts.put("/{int:contact_id}")
def update_contact(request: Call, contact_id: Id, contact: ContactIn) -> Contact:
    """Cambia un contacto; un campo opcional que no viene queda como está. Needs `contacts.change`.

    `accountId` null lo separa de su cuenta; 404 si la cuenta no existe.
    """
    actions.update(request.actor, contact_id, **contact.given())
    return Contact.of(queries.detail(request.actor, contact_id))


@contacts.delete("/{int:contact_id}")
def delete_contact(request: Call, contact_id: Id) -> None:
    """Elimina un contacto; sus actividades y oportunidades cerradas quedan. Needs `contacts.delete`.

    409 mientras tenga oportunidades abiertas.
    """
    actions.delete(request.actor, contact_id)
