"""Clients (onboarding.md, "Client Endpoints")."""

from datetime import datetime
from typing import Annotated

from ninja import Query
from pydantic import Field, StringConstraints

from backend.core.actor import Actor
from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.onboarding import onboarding
from backend.dialects.pages import OrderedPageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import (
    Address,
    Email,
    FilledText,
    Id,
    Incoming,
    LongText,
    Partial,
    Phone,
    Text,
    Versioned,
    Vocabulary,
    Wire,
)
from backend.modules.activities import actions as activity_actions
from backend.modules.activities import queries as activities
from backend.modules.activities.routers.onboarding import Interaction
from backend.modules.contacts import actions, queries
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source

clients = Resource(onboarding, "/clients", tag="Clients")

Name = Annotated[FilledText, StringConstraints(max_length=100)]
ClientStage = Annotated[str, Vocabulary({stage.name: stage.value for stage in queries.Stage})]


class FilterQuery(ListFilters):
    """The filters of the list."""

    search: Text | None = None
    stage: ClientStage | None = None
    assigned_to_id: Id | None = Field(None, alias="assigned_to")

    def filters(self) -> queries.Filters:
        return queries.Filters(**self.model_dump())


class ClientIn(Incoming):
    read_only = frozenset({
        "id", "created_by", "created_by_name", "assigned_to_name", "created_at", "updated_at", "interactions",
    })  # fmt: skip

    first_name: Name = Field(examples=["Jane"])
    last_name: Name = Field(examples=["Smith"])
    email: Email = Field(description="Unique in the workspace, without regard to case", examples=["jane@example.com"])
    phone: Phone = Field("", examples=["+51 987 654 321"])
    company_name: Annotated[Text, StringConstraints(max_length=200)] = Field(
        "",
        alias="company",
        description="The company's name: found without regard to case or accents, or created",
        examples=["Tech Solutions"],
    )
    address: Address = Field("", examples=["Av. Larco 123, Lima"])
    notes: LongText = Field("", examples=["Wants the premium package"])
    stage: ClientStage = Field("LEAD", examples=["LEAD"])
    assigned_to_id: Id | None = Field(None, alias="assigned_to", description="A user of the workspace", examples=[2])


class StageIn(Incoming):
    stage: ClientStage = Field(examples=["ACTIVE"])


class ClientRow(Wire):
    id: int = Field(examples=[1])
    first_name: str = Field(examples=["John"])
    last_name: str = Field(examples=["Doe"])
    email: str = Field(examples=["john.doe@example.com"])
    phone: str = Field(examples=["+1234567890"])
    company_name: str = Field(alias="company", examples=["Acme Corp"])
    stage: ClientStage = Field(examples=["LEAD"])
    created_by_name: str | None = Field(examples=["admin"])
    assigned_to_name: str | None = Field(examples=["sales_user"])
    created_at: datetime
    updated_at: datetime


class Client(Versioned):
    id: int = Field(examples=[1])
    first_name: str = Field(examples=["John"])
    last_name: str = Field(examples=["Doe"])
    email: str = Field(examples=["john.doe@example.com"])
    phone: str = Field(examples=["+1234567890"])
    company_name: str = Field(alias="company", examples=["Acme Corp"])
    address: str = Field(examples=["Av. Larco 123, Lima"])
    notes: str
    stage: ClientStage = Field(examples=["IN_PROGRESS"])
    created_by_id: int | None = Field(alias="created_by", examples=[1])
    created_by_name: str | None = Field(examples=["admin"])
    assigned_to_id: int | None = Field(alias="assigned_to", examples=[2])
    assigned_to_name: str | None = Field(examples=["sales_user"])
    created_at: datetime
    updated_at: datetime
    interactions: list[Interaction]


sources.declare(Source("onboarding.clients", "Clients", reading(FilterQuery, queries.to_export), columns(ClientRow)))


@clients.get("/")
def list_clients(request: Call, filters: Query[FilterQuery], wanted: Query[OrderedPageQuery]) -> ResultsPage[ClientRow]:
    """One page of the clients, newest first, without their interactions.

    Beside the documented `page`: `page_size`, `search` (names, e-mail, phone, company and notes, without regard to case
    and accents), `stage`, `assigned_to` and `ordering` (`created_at`, `updated_at`, `first_name`, `last_name`, `email`,
    `stage`, `id`, each with an optional `-`). Needs `contacts.view`.
    """
    found = queries.page(request.actor, filters.filters(), wanted.window_in(queries.ORDERINGS))
    return ResultsPage[ClientRow].of_page(request, found)


@clients.post("/")
def create_client(request: Call, client: ClientIn) -> Client:
    """Add a client. Needs `contacts.add`.

    400 if another client of the workspace has this e-mail address. A company that does not exist yet is made, which
    needs `companies.add`. A field that only answers have (`id`, `created_at`, …) is ignored, an unknown one refused.
    """
    contact = actions.create(request.actor, must_be_free=["email"], **client.given())
    return _client(request.actor, contact.pk)


@clients.get("/by_stage/")
def list_clients_by_stage(request: Call, stage: ClientStage | None = None) -> list[ClientRow]:
    """Every client of one stage, or of all, newest first, as a plain array. Needs `contacts.view`."""
    return [ClientRow.of(row) for row in queries.rows_by_stage(request.actor, stage)]


@clients.get("/{int:client_id}/")
def get_client(request: Call, client_id: Id) -> Client:
    """One client with its interactions, newest first. Needs `contacts.view`.

    `interactions` is empty for a caller without `activities.view`.
    """
    return _shape(request.actor, queries.get(request.actor, client_id))


@clients.put("/{int:client_id}/")
def update_client(request: Call, client_id: Id, client: ClientIn) -> Client:
    """Change a client; first name, last name and e-mail have to be there. Needs `contacts.change`.

    An optional field that is left out stays as it is. 400 if another client has this e-mail address.
    """
    actions.update(request.actor, client_id, must_be_free=["email"], **client.given())
    return _client(request.actor, client_id)


@clients.patch("/{int:client_id}/")
def change_client(request: Call, client_id: Id, client: Partial[ClientIn]) -> Client:
    """Change the fields that are given. Needs `contacts.change`. 400 if another client has this e-mail address."""
    actions.update(request.actor, client_id, must_be_free=["email"], **client.given())
    return _client(request.actor, client_id)


@clients.delete("/{int:client_id}/")
def delete_client(request: Call, client_id: Id) -> None:
    """Remove a client. Its interactions stay, without a client. Needs `contacts.delete`."""
    actions.delete(request.actor, client_id)


@clients.patch("/{int:client_id}/update_stage/")
def update_client_stage(request: Call, client_id: Id, stage: StageIn) -> Client:
    """Move a client to another stage and log it as an interaction of type NOTE. Needs `contacts.change`.

    A client that is at this stage already is answered as it is, without a note.
    """
    activity_actions.move_contact_stage(request.actor, client_id, stage=stage.stage)
    return _client(request.actor, client_id)


def _client(actor: Actor, client_id: int) -> Client:
    return _shape(actor, queries.detail(actor, client_id))


def _shape(actor: Actor, row: dict) -> Client:
    interactions = [Interaction.of(each) for each in activities.interactions_of(actor, row["id"])]
    return Client.of(row, interactions=interactions)
