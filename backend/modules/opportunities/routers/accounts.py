"""Oportunidades y etapas (accounts.md)."""

from datetime import date, datetime
from typing import Annotated

from ninja import Query
from pydantic import Field, StringConstraints

from backend.dialects.accounts import Page, PageQuery, accounts
from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import (
    Day,
    FilledText,
    Id,
    Incoming,
    LongText,
    Money,
    OrEmpty,
    Percent,
    Versioned,
    Vocabulary,
    Wire,
)
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source
from backend.modules.opportunities import actions, queries

opportunities = Resource(accounts, "/v1/opportunities", tag="Oportunidades")

Status = Annotated[str, Vocabulary({"open": "open", "won": "won", "lost": "lost"})]
StatusFilter = Annotated[
    tuple[str, ...], Vocabulary({"open": ("open",), "closed": ("won", "lost"), "won": ("won",), "lost": ("lost",)})
]
Currency = Annotated[str, Vocabulary({word: word for word in ("PEN", "USD", "EUR")})]
StageName = Annotated[FilledText, StringConstraints(max_length=100)]


class FilterQuery(ListFilters):
    """The filters of the list."""

    outcomes: StatusFilter | None = Field(None, alias="status")
    stage: StageName | None = Field(None, description="Nombre o clave de la etapa")
    company_id: Id | None = Field(None, alias="accountId")
    created_from: Day | None = Field(None, alias="from", description="Primer día de creación")
    created_to: Day | None = Field(None, alias="to", description="Último día de creación, incluido")

    def filters(self) -> queries.Filters:
        return queries.Filters(**self.model_dump())


class OpportunityIn(Incoming):
    read_only = frozenset({
        "id", "accountName", "stageKey", "status", "closedDate", "createdAt", "updatedAt",
    })  # fmt: skip

    company_id: Id = Field(alias="accountId", examples=[1])
    name: Annotated[FilledText, StringConstraints(max_length=200)] = Field(alias="title", examples=["Licencias 2026"])
    value: Money = Field(alias="amount", examples=[12500.0])
    stage: StageName = Field(description="Nombre o clave de la etapa", examples=["Calificación"])
    contact_id: Id | None = Field(None, alias="contactId", examples=[1])
    currency: Currency = Field("PEN", examples=["PEN"])
    probability: Percent | None = Field(None, examples=[25])
    expected_close_on: Day | None = Field(None, alias="expectedCloseDate", examples=["2026-12-31"])
    notes: OrEmpty[LongText] = Field(None, examples=["Incluye soporte"])
    assigned_to_id: Id | None = Field(None, alias="assignedTo", examples=[2])


class MoveIn(Incoming):
    stage: StageName = Field(alias="newStage", description="Nombre o clave de la etapa", examples=["Negociación"])
    reason: OrEmpty[LongText] = Field(None, examples=["Pidió otra propuesta"])


class Opportunity(Versioned):
    id: int = Field(examples=[1])
    company_id: int | None = Field(alias="accountId", examples=[1])
    company_name: str | None = Field(alias="accountName", examples=["Acme Perú SAC"])
    contact_id: int | None = Field(alias="contactId", examples=[1])
    name: str = Field(alias="title", examples=["Licencias 2026"])
    value: float = Field(alias="amount", examples=[12500.0])
    currency: Currency
    probability: int = Field(examples=[25])
    stage_name: str = Field(alias="stage", examples=["Calificación"])
    stage_key: str = Field(alias="stageKey", examples=["calificacion"])
    outcome: Status = Field(alias="status")
    expected_close_on: date | None = Field(alias="expectedCloseDate")
    closed_on: date | None = Field(alias="closedDate")
    assigned_to_id: int | None = Field(alias="assignedTo", examples=[2])
    notes: str
    created_at: datetime = Field(alias="createdAt")
    updated_at: datetime = Field(alias="updatedAt")


class InCurrency(Wire):
    count: int
    value: float = Field(alias="totalAmount", examples=[12500.0])


class OpportunityPage(Page[Opportunity]):
    value: float = Field(alias="totalAmount", examples=[125000.0])
    by_currency: dict[str, InCurrency] = Field(alias="byCurrency")


sources.declare(
    Source(
        "accounts.opportunities",
        "Oportunidades",
        reading(FilterQuery, queries.to_export),
        columns(Opportunity, outcome="stage__outcome"),
        amounts={"value": "currency"},
    )
)


@opportunities.post("")
def create_opportunity(request: Call, opportunity: OpportunityIn) -> Opportunity:
    """Crea una oportunidad en una etapa. Needs `opportunities.add`.

    Sin `probability` toma la de la etapa; en una etapa ganada es 100 y en una perdida 0, con `closedDate` de hoy.
    404 si la cuenta o el contacto no existen; 400 si la etapa no existe o `assignedTo` no es un usuario de la empresa.
    """
    created = actions.create(request.actor, **opportunity.given())
    return Opportunity.of(queries.detail(request.actor, created.pk))


@opportunities.get("")
def list_opportunities(request: Call, filters: Query[FilterQuery], wanted: Query[PageQuery]) -> OpportunityPage:
    """Una página de oportunidades, las más nuevas primero. Needs `opportunities.view`.

    `status`: open, closed, won o lost. `from` y `to` son días de creación, ambos incluidos, en la zona horaria de la
    empresa. `totalAmount` es la suma, sin conversión de moneda, de todo lo que cumple los filtros y no solo de la
    página; al lado, `byCurrency`.
    """
    found, totals = queries.page(request.actor, filters.filters(), wanted.window())
    sums = {code: InCurrency(count=each.count, value=float(each.value)) for code, each in totals.by_currency.items()}
    return OpportunityPage.of_page(found, value=float(totals.value), by_currency=sums)


@opportunities.get("/{int:opportunity_id}")
def get_opportunity(request: Call, opportunity_id: Id) -> Opportunity:
    """Una oportunidad. Needs `opportunities.view`."""
    return Opportunity.of(queries.get(request.actor, opportunity_id))


@opportunities.put("/{int:opportunity_id}/stage")
def move_opportunity(request: Call, opportunity_id: Id, move: MoveIn) -> Opportunity:
    """Mueve a otra etapa y guarda quién, cuándo y por qué (`reason`). Needs `opportunities.change`.

    A una etapa ganada o perdida pone probabilidad 100 o 0 y `closedDate`; de vuelta a una abierta la quita.
    400 si la etapa no existe, 422 si la oportunidad ya está en ella.
    """
    actions.move(request.actor, opportunity_id, stage=move.stage, reason=move.reason or "", must_move=True)
    return Opportunity.of(queries.detail(request.actor, opportunity_id))
