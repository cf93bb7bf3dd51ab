"""Reportes, con una clave de API o con un token (accounts.md, "Reports")."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from ninja import Query
from pydantic import Field, StringConstraints

from backend.core.actor import Actor
from backend.dialects.accounts import Rows, accounts
from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import Day, FilledText, Wire
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source
from backend.modules.reports.queries import stage_changes as stage_change_queries
from backend.modules.reports.queries import top_companies as top_company_queries

reports = Resource(accounts, "/v1/reports", tag="Reportes")

StageName = Annotated[FilledText, StringConstraints(max_length=100)]


class PeriodQuery(Wire):
    first: Day | None = Field(None, alias="from", description="Primer día; por defecto, desde siempre")
    last: Day | None = Field(None, alias="to", description="Último día, incluido; por defecto, hasta hoy")


class TopQuery(PeriodQuery):
    limit: Annotated[int, Field(ge=1, le=100)] = 3


class ChangesFilters(PeriodQuery, ListFilters):
    """The filters of the list of changes."""

    stage: StageName | None = Field(None, description="Nombre o clave de la etapa", examples=["Negociación"])

    def filters(self) -> dict[str, Any]:
        return self.model_dump()


class ChangesQuery(ChangesFilters):
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class Wins(Wire):
    wins: int = Field(examples=[3])
    value: float = Field(alias="totalAmount", examples=[42500.0])


class TopAccount(Wire):
    company_id: int = Field(alias="accountId", examples=[1])
    company_name: str = Field(alias="accountName", examples=["Acme Perú SAC"])
    wins: int = Field(examples=[3])
    value: float = Field(alias="totalAmount", examples=[42500.0])
    by_currency: dict[str, Wins] = Field(alias="byCurrency")


class StageChange(Wire):
    opportunity_id: int = Field(alias="opportunityId", examples=[1])
    new_stage_name: str = Field(alias="newStage", examples=["Negociación"])
    changed_at: datetime = Field(alias="changedAt")
    changed_by_name: str | None = Field(alias="changedBy", description="Nombre de usuario", examples=["ana"])
    reason: str = Field(examples=["Pidió otra propuesta"])


def _changes_to_export(actor: Actor, filters: dict[str, Any]) -> QuerySet:
    return stage_change_queries.to_export(actor, **filters)


sources.declare(
    Source(
        "accounts.stage-changes",
        "Cambios de etapa",
        reading(ChangesFilters, _changes_to_export),
        columns(StageChange),
    )
)


@reports.get("/top-accounts")
def top_accounts(request: Call, wanted: Query[TopQuery]) -> list[TopAccount]:
    """Las cuentas con más oportunidades convertidas en venta. Needs `reports.view`.

    `from` y `to` son días de cierre real. Ordena por `wins`, luego por `totalAmount`, luego por `accountId`; las que no
    tienen ventas no aparecen. `totalAmount` suma sin conversión de moneda; al lado, `byCurrency`. 400 si el periodo
    termina antes de empezar.
    """
    found = top_company_queries.top_companies(request.actor, **wanted.model_dump())
    return [TopAccount.of_object(each) for each in found]


@reports.get("/stage-changes")
def stage_changes(request: Call, wanted: Query[ChangesQuery]) -> Rows[StageChange]:
    """Los cambios de etapa, los últimos primero; crear una oportunidad es su primer cambio. Needs `reports.view`.

    `stage` es la etapa a la que se cambió, por nombre o clave; `from` y `to` son días en la zona horaria de la empresa.
    Responde a lo sumo `limit` cambios; `X-Total-Count` dice cuántos hay (con `X-Count-Exact: false`, al menos).
    `changedBy` es null si lo hizo una clave de API. 400 si la etapa no existe o el periodo termina antes de empezar.
    """
    found = stage_change_queries.stage_changes(request.actor, **wanted.model_dump())
    return Rows[StageChange].of_page(found)
