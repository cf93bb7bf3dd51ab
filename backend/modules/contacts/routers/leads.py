"""Clients (leads.md, "Clientes")."""

from datetime import datetime
from typing import Annotated, Any, Self

from ninja import Query
from pydantic import BeforeValidator, Field, StringConstraints

from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.folding import join_name, split_name
from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.leads import Array, OrderedSkipQuery, SkipQuery
from backend.dialects.leads import leads as dialect
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import (
    Address,
    Day,
    EmailOrEmpty,
    FilledText,
    Id,
    Incoming,
    OrEmpty,
    Partial,
    Text,
    Versioned,
    Vocabulary,
)
from backend.modules.contacts import actions, queries
from backend.modules.exchange import sources
from backend.modules.exchange.routers.leads import ExportOrder, OrderedExport, ordered
from backend.modules.exchange.sources import Source
from backend.modules.leads import queries as lead_queries
from backend.modules.leads.routers.leads import Lead

clients = Resource(dialect, "/clients", tag="Clients")

ClientType = Annotated[str, Vocabulary({kind.value: kind for kind in queries.Kind})]
ORDERINGS = ("id", "created_at", "updated_at", "first_name", "last_name", "email")
PHONE: tuple[actions.Claim] = ("phone",)  # what has to be free


class FilterQuery(ListFilters):
    """The filters of the list."""

    search: Text | None = Field(
        None, alias="q", max_length=200, description="Name, phone, e-mail, company or notes", examples=["perez"]
    )
    kind: ClientType | None = Field(None, alias="client_type")
    created_from: Day | None = Field(None, description="A day of the workspace's time zone", examples=["2026-11-01"])
    created_to: Day | None = Field(None, description="The last day, included", examples=["2026-11-30"])

    def filters(self) -> queries.Filters:
        return queries.Filters(**self.model_dump())


class NameQuery(SkipQuery):
    term: Text | None = Field(None, alias="q", max_length=200, description="A part of the name", examples=["juan"])
    name: Text | None = Field(None, max_length=200, description="The same under another name", examples=["juan"])


class ClientIn(Incoming):
    read_only = frozenset({"id", "created_at", "updated_at", "leads"})

    kind: ClientType = Field("natural", alias="client_type", validate_default=True, examples=["natural"])
    full_name: Annotated[FilledText, StringConstraints(max_length=200)] = Field(
        alias="contact_name", examples=["Juan Pérez"]
    )
    phone: Annotated[FilledText, StringConstraints(max_length=40)] = Field(
        description="In any spelling; kept in E.164, unique in the workspace", examples=["+584123456789"]
    )
    email: OrEmpty[EmailOrEmpty] = Field("", examples=["juan@example.com"])
    address: OrEmpty[Address] = Field("", examples=["Calle Principal 123"])

    def given(self) -> dict[str, Any]:
        """The fields that the caller sent, the name in its two parts."""
        fields = super().given()
        if (full_name := fields.pop("full_name", None)) is not None:
            fields["first_name"], fields["last_name"] = split_name(full_name)
        return fields


def none_if_empty(text: Any) -> Any:
    return text or None


TextOrNone = Annotated[str | None, BeforeValidator(none_if_empty)]


class Client(Versioned):
    id: int = Field(examples=[1])
    kind: ClientType = Field(alias="client_type", examples=["natural"])
    full_name: str = Field(alias="contact_name", examples=["Juan Pérez"])
    phone: TextOrNone = Field(examples=["+584123456789"])
    email: TextOrNone = Field(examples=["juan@example.com"])
    address: TextOrNone = Field(examples=["Calle Principal 123"])
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        return super().of(row, full_name=join_name(row["first_name"], row["last_name"]), **more)


class ClientDetail(Client):
    leads: list[Lead] = Field(description="Those that the caller sees, newest first")


sources.declare(Source("leads.clients", "Clients", reading(FilterQuery, queries.to_export), columns(Client)))


@clients.get("")
def list_clients(request: Call, filters: Query[FilterQuery], wanted: Query[OrderedSkipQuery]) -> Array[Client]:
    """The clients, newest first. Needs `contacts.view`.

    `skip` and `limit` choose a part, `X-Total-Count` says how many match. `ordering` takes `id`, `created_at`,
    `updated_at`, `first_name`, `last_name` and `email`, each with an optional `-`.
    """
    found = queries.page(request.actor, filters.filters(), wanted.window_in(ORDERINGS))
    return Array[Client].of_page(found, Client.of)


@clients.post("")
def create_client(request: Call, client: ClientIn) -> ClientDetail:
    """Add a client. Needs `contacts.add`.

    The phone is kept in E.164; without a country code it is one of the workspace's country. 409 if another client has
    it, 422 if it can't be called.
    """
    made = actions.create(request.actor, must_be_free=PHONE, **client.given())
    return _detail(request.actor, queries.detail(request.actor, made.pk))


@clients.post("/export", status=202)
def export_clients(request: Call, filters: Query[FilterQuery], order: ExportOrder) -> OrderedExport:
    """Have the clients written into an Excel file (or csv, pdf) by the server, with the filters of the list.

    A link is mailed when it is there; `GET /api/exports/{id}/` says how far it is. Needs `contacts.export`. 409 while
    too many exports of the caller wait.
    """
    return ordered(request, "leads.clients", filters, order)


@clients.get("/search")
def search_clients(request: Call, wanted: Query[NameQuery]) -> Array[Client]:
    """The clients whose names have every word of `q` (or `name`), newest first. Needs `contacts.view`.

    Case and accents don't count.
    """
    filters = queries.Filters(name=wanted.term or wanted.name or "")
    return Array[Client].of_page(queries.page(request.actor, filters, wanted.window()), Client.of)


@clients.get("/by-phone/{phone}")
def get_client_by_phone(request: Call, phone: str) -> ClientDetail:
    """The client who has this number, in any spelling, with their leads. Needs `contacts.view`. 404 if nobody has."""
    request.actor.require(queries.VIEW)
    found = queries.find_by_phone(request.actor, phone)
    if found is None:
        raise NotFound(record="contact", id=phone)
    return _detail(request.actor, queries.get(request.actor, found.pk))


@clients.get("/{int:client_id}")
def get_client(request: Call, client_id: Id) -> ClientDetail:
    """One client with the leads that the caller sees. Needs `contacts.view`."""
    return _detail(request.actor, queries.get(request.actor, client_id))


@clients.patch("/{int:client_id}")
def update_client(request: Call, client_id: Id, client: Partial[ClientIn]) -> ClientDetail:
    """Change the fields that are given. Needs `contacts.change`. 409 if another client has the phone."""
    actions.update(request.actor, client_id, must_be_free=PHONE, **client.given())
    return _detail(request.actor, queries.detail(request.actor, client_id))


@clients.delete("/{int:client_id}")
def delete_client(request: Call, client_id: Id) -> None:
    """Remove a client. Needs `contacts.delete`.

    409 while a lead or an opportunity of theirs is open; what has ended stays, without a client.
    """
    actions.delete(request.actor, client_id)


def _detail(actor: Actor, row: dict[str, Any]) -> ClientDetail:
    return ClientDetail.of(row, leads=[Lead.of(each) for each in lead_queries.of_contacts(actor, [row["id"]])])
