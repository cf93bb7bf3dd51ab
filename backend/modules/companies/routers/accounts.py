"""Cuentas (accounts.md, "Cuentas y contactos")."""

from datetime import datetime
from typing import Annotated

from ninja import Query
from pydantic import Field, StringConstraints

from backend.dialects.accounts import Page, PageQuery, accounts
from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import (
    Address,
    FilledText,
    Id,
    Incoming,
    LongText,
    OrEmpty,
    Phone,
    Text,
    Url,
    Versioned,
)
from backend.modules.companies import actions, queries
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source

companies = Resource(accounts, "/v1/accounts", tag="Cuentas")


class FilterQuery(ListFilters):
    """The filter of the list. An empty one, as the document writes it, does not narrow."""

    search: Text | None = Field(None, alias="query")

    def filters(self) -> queries.Filters:
        return queries.Filters(search=self.search or None)


class AccountIn(Incoming):
    read_only = frozenset({"id", "createdAt", "updatedAt"})

    name: Annotated[FilledText, StringConstraints(max_length=200)] = Field(examples=["Acme Perú SAC"])
    website: OrEmpty[Url] = Field(None, examples=["https://acme.example"])
    phone: OrEmpty[Phone] = Field(None, examples=["+51 1 234 5678"])
    address: OrEmpty[Address] = Field(None, examples=["Av. Larco 123, Lima"])
    notes: OrEmpty[LongText] = Field(None, examples=["Cliente desde 2019"])


class Account(Versioned):
    id: int = Field(examples=[1])
    name: str = Field(examples=["Acme Perú SAC"])
    website: str
    phone: str
    address: str
    notes: str
    created_at: datetime = Field(alias="createdAt")
    updated_at: datetime = Field(alias="updatedAt")


sources.declare(Source("accounts.accounts", "Cuentas", reading(FilterQuery, queries.to_export), columns(Account)))


@companies.post("")
def create_account(request: Call, account: AccountIn) -> Account:
    """Crea una cuenta. Needs `companies.add`.

    409 si otra cuenta de la empresa tiene este nombre, sin distinguir mayúsculas ni espacios alrededor.
    """
    created = actions.create(request.actor, **account.given())
    return Account.of(queries.detail(request.actor, created.pk))


@companies.get("")
def list_accounts(request: Call, filters: Query[FilterQuery], wanted: Query[PageQuery]) -> Page[Account]:
    """Una página de cuentas, por nombre. Needs `companies.view`.

    `query` busca en nombre, teléfono, dirección y notas, sin distinguir mayúsculas ni acentos.
    """
    return Page[Account].of_page(queries.page(request.actor, filters.filters(), wanted.window()))


@companies.get("/{int:account_id}")
def get_account(request: Call, account_id: Id) -> Account:
    """Una cuenta. Needs `companies.view`."""
    return Account.of(queries.get(request.actor, account_id))


@companies.put("/{int:account_id}")
def update_account(request: Call, account_id: Id, account: AccountIn) -> Account:
    """Cambia una cuenta; un campo opcional que no viene queda como está. Needs `companies.change`.

    409 si otra cuenta de la empresa tiene este nombre.
    """
    actions.update(request.actor, account_id, **account.given())
    return Account.of(queries.detail(request.actor, account_id))


@companies.delete("/{int:account_id}")
def delete_account(request: Call, account_id: Id) -> None:
    """Elimina una cuenta. Needs `companies.delete`. 409 mientras tenga contactos u oportunidades."""
    actions.delete(request.actor, account_id)
