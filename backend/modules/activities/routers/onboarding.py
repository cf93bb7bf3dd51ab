"""Interactions (onboarding.md, "Interaction Endpoints")."""

from datetime import datetime
from typing import Annotated

from ninja import Query
from pydantic import Field, StringConstraints

from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.onboarding import onboarding
from backend.dialects.pages import PageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import FilledText, Id, Incoming, LongText, Partial, Versioned, Vocabulary, Wire
from backend.modules.activities import actions, queries
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source

interactions = Resource(onboarding, "/interactions", tag="Interactions")

InteractionType = Annotated[str, Vocabulary({kind.name: kind.value for kind in queries.INTERACTIONS})]


class InteractionIn(Incoming):
    read_only = frozenset({"id", "created_by", "created_by_name", "created_at"})

    contact_id: Id = Field(alias="client", description="A client of the workspace", examples=[1])
    kind: InteractionType = Field(alias="interaction_type", examples=["MEETING"])
    subject: Annotated[FilledText, StringConstraints(max_length=200)] = Field(examples=["Product demo"])
    description: Annotated[LongText, StringConstraints(min_length=1)] = Field(
        examples=["Demonstrated all product features"]
    )


class Interaction(Wire):
    id: int = Field(examples=[1])
    contact_id: int | None = Field(
        alias="client", description="Null where the client has been deleted since", examples=[1]
    )
    kind: InteractionType = Field(alias="interaction_type", examples=["CALL"])
    subject: str = Field(examples=["Follow-up call"])
    description: str = Field(examples=["Discussed contract terms"])
    created_by_id: int | None = Field(alias="created_by", examples=[2])
    created_by_name: str | None = Field(examples=["sales_user"])
    created_at: datetime


class InteractionDetail(Interaction, Versioned):
    pass


class FilterQuery(ListFilters):
    """The filter of the list."""

    contact_id: Id | None = Field(None, alias="client")

    def filters(self) -> int | None:
        return self.contact_id


sources.declare(
    Source(
        "onboarding.interactions",
        "Interactions",
        reading(FilterQuery, queries.interactions_to_export),
        columns(Interaction),
    )
)


@interactions.get("/")
def list_interactions(request: Call, filters: Query[FilterQuery], wanted: Query[PageQuery]) -> ResultsPage[Interaction]:
    """One page of the interactions, newest first, of one `client` or of all. Needs `activities.view`."""
    found = queries.interactions_page(request.actor, filters.filters(), wanted.window())
    return ResultsPage[Interaction].of_page(request, found)


@interactions.post("/")
def create_interaction(request: Call, interaction: InteractionIn) -> InteractionDetail:
    """Log an interaction with a client; its author is the caller. Needs `activities.add`.

    400 on `client` if there is no such client in the workspace.
    """
    activity = actions.create(request.actor, **interaction.given())
    return InteractionDetail.of(queries.interaction(request.actor, activity.pk))


@interactions.get("/{int:interaction_id}/")
def get_interaction(request: Call, interaction_id: Id) -> InteractionDetail:
    """One interaction. Needs `activities.view`."""
    return InteractionDetail.of(queries.get_interaction(request.actor, interaction_id))


@interactions.put("/{int:interaction_id}/")
def update_interaction(request: Call, interaction_id: Id, interaction: InteractionIn) -> InteractionDetail:
    """Change an interaction; all fields have to be there. Needs `activities.change`."""
    actions.update(request.actor, interaction_id, kinds=queries.INTERACTIONS, **interaction.given())
    return InteractionDetail.of(queries.interaction(request.actor, interaction_id))


@interactions.patch("/{int:interaction_id}/")
def change_interaction(request: Call, interaction_id: Id, interaction: Partial[InteractionIn]) -> InteractionDetail:
    """Change the fields that are given. Needs `activities.change`."""
    actions.update(request.actor, interaction_id, kinds=queries.INTERACTIONS, **interaction.given())
    return InteractionDetail.of(queries.interaction(request.actor, interaction_id))


@interactions.delete("/{int:interaction_id}/")
def delete_interaction(request: Call, interaction_id: Id) -> None:
    """Remove an interaction. Needs `activities.delete`."""
    actions.delete(request.actor, interaction_id, kinds=queries.INTERACTIONS)
