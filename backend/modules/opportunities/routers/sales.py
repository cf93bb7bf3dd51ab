"""Oportunidades (sales.md, section 4)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import StreamingHttpResponse
from ninja import Query
from pydantic import AfterValidator, Field, StringConstraints

from backend.core import folding
from backend.core.tabular import Column, csv_pieces
from backend.dialects.download import csv_file
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.pages import OrderedPageQuery
from backend.dialects.resource import Call, Resource
from backend.dialects.sales import Answer, Done, Page, sales
from backend.dialects.wire import (
    Day,
    FilledText,
    Id,
    Incoming,
    LongText,
    Money,
    OrEmpty,
    Partial,
    Percent,
    Versioned,
    Vocabulary,
    Wire,
)
from backend.modules.exchange import sources
from backend.modules.exchange.routers.sales import ExportOrder, OrderedExport, ordered
from backend.modules.exchange.sources import Source
from backend.modules.opportunities import actions, queries

opportunities = Resource(sales, "/oportunidades", tag="Oportunidades")

IsOpen = Annotated[bool, Vocabulary({"abierta": True, "cerrada": False})]
Result = Annotated[str, Vocabulary({"ganada": "won", "perdida": "lost"})]
ResultOrOpen = Annotated[Result | None, AfterValidator(lambda outcome: outcome or "open")]
Currency = Annotated[str, Vocabulary({word: word for word in ("PEN", "USD", "EUR")})]
Name = Annotated[FilledText, StringConstraints(max_length=200)]
StageName = Annotated[FilledText, StringConstraints(max_length=100)]
Amount = Annotated[Decimal, Field(max_digits=14, decimal_places=2)]
ORDERINGS = {
    "nombre": "name",
    "valor": "value",
    "probabilidad": "probability",
    "etapa": "stage",
    "fecha_cierre_estimada": "expected_close_on",
    "fecha_cierre_real": "closed_on",
    "fecha_creacion": "created_at",
    "fecha_actualizacion": "updated_at",
    "id": "id",
}

COLUMNS = (
    Column("ID", "id", "plain"),
    Column("Nombre", "name"),
    Column("Cliente", "contact_name"),
    Column("Empresa", "company__name"),
    Column("Valor", "value", "plain"),
    Column("Moneda", "currency"),
    Column("Probabilidad", "probability", "plain"),
    Column("Valor ponderado", "weighted_value", "plain"),
    Column("Etapa", "stage__name"),
    Column("Estado", "stage__outcome", words={"open": "abierta", "won": "cerrada", "lost": "cerrada"}),
    Column("Resultado", "stage__outcome", words={"won": "ganada", "lost": "perdida"}),
    Column("Fecha de cierre estimada", "expected_close_on", "plain"),
    Column("Fecha de cierre real", "closed_on", "plain"),
    Column("Notas", "notes"),
    Column("Fecha de creación", "created_at", "moment"),
)


class OpportunityIn(Incoming):  # a new one is open or closed as its stage is
    read_only = frozenset({
        "id", "cliente", "empresa", "etapa_nombre", "valor_ponderado", "fecha_cierre_real", "usuario", "fecha_creacion",
        "fecha_actualizacion", "estado", "resultado",
    })  # fmt: skip

    name: Name = Field(alias="nombre", examples=["Licencias 2026"])
    contact_id: Id = Field(alias="cliente_id", examples=[1])
    company_id: Id = Field(alias="empresa_id", examples=[1])
    value: Money = Field(alias="valor", examples=["12500.00"])
    currency: Currency = Field("PEN", alias="moneda", examples=["PEN"])
    probability: Percent | None = Field(None, alias="probabilidad", examples=[25])
    expected_close_on: Day | None = Field(None, alias="fecha_cierre_estimada", examples=["2026-12-31"])
    stage: StageName = Field(alias="etapa", description="Clave o nombre de la etapa", examples=["calificacion"])
    notes: OrEmpty[LongText] = Field(None, alias="notas", examples=["Incluye soporte"])
    assigned_to_id: Id | None = Field(None, alias="responsable_id", examples=[2])


class OpportunityChange(OpportunityIn):
    read_only = OpportunityIn.read_only - {"estado", "resultado"}

    is_open: IsOpen = Field(alias="estado", examples=["cerrada"])
    outcome: ResultOrOpen = Field(alias="resultado", examples=["ganada"])
    # One whose client is gone, or that came without a company, shows null here; null may come back.
    contact_id: Id | None = Field(alias="cliente_id", examples=[1])  # type: ignore[assignment]
    company_id: Id | None = Field(alias="empresa_id", examples=[1])  # type: ignore[assignment]


class StageIn(Incoming):
    stage: StageName = Field(alias="etapa", examples=["negociacion"])
    reason: OrEmpty[LongText] = Field(None, alias="notas", examples=["Pidió otra propuesta"])


class Opportunity(Versioned):
    id: int = Field(examples=[1])
    name: str = Field(alias="nombre")
    contact_id: int | None = Field(alias="cliente_id")
    contact_name: str | None = Field(alias="cliente", examples=["Ana Pérez"])
    company_id: int | None = Field(alias="empresa_id")
    company_name: str | None = Field(alias="empresa", examples=["Acme Corp"])
    value: Decimal = Field(alias="valor", examples=["12500.00"])
    currency: Currency = Field(alias="moneda")
    probability: int = Field(alias="probabilidad")
    weighted_value: Decimal = Field(alias="valor_ponderado", examples=["3125.00"])
    stage_key: str = Field(alias="etapa", examples=["calificacion"])
    stage_name: str = Field(alias="etapa_nombre", examples=["Calificación"])
    is_open: IsOpen = Field(alias="estado")
    outcome: Result | None = Field(alias="resultado")
    expected_close_on: date | None = Field(alias="fecha_cierre_estimada")
    closed_on: date | None = Field(alias="fecha_cierre_real")
    notes: str = Field(alias="notas")
    assigned_to_id: int | None = Field(alias="responsable_id")
    created_by_name: str | None = Field(alias="usuario", examples=["admin"])
    created_at: datetime = Field(alias="fecha_creacion")
    updated_at: datetime = Field(alias="fecha_actualizacion")

    @classmethod
    def of(cls, row: Any, **more: Any) -> "Opportunity":
        is_open = row["outcome"] == "open"
        return super().of(
            row,
            contact_name=folding.join_name(row["contact_first_name"], row["contact_last_name"]) or None,
            weighted_value=queries.weighted(row["value"], row["probability"]),
            is_open=is_open,
            outcome=None if is_open else row["outcome"],
            **more,
        )


class Sums(Wire):
    count: int
    total_value: float = Field(alias="total_valor")
    weighted_value: float = Field(alias="total_valor_ponderado")


class OpportunityPage(Page[Opportunity]):
    total_value: float = Field(alias="total_valor", examples=[125000.0])
    weighted_value: float = Field(alias="total_valor_ponderado", examples=[50000.0])
    by_currency: dict[str, Sums] = Field(alias="por_moneda")


class StageInPipeline(Wire):
    count: int
    value: float = Field(alias="valor_total")
    opportunities: list[Opportunity] = Field(alias="oportunidades")


class Pipeline(Answer[dict[str, StageInPipeline]]):
    total: int = Field(alias="total_oportunidades")
    value: float = Field(alias="total_valor")
    by_currency: dict[str, Sums] = Field(alias="por_moneda")


class FilterQuery(ListFilters):
    """The filters of list, pipeline and export."""

    is_open: IsOpen | None = Field(None, alias="estado")
    stage: StageName | None = Field(None, alias="etapa")
    contact_id: Id | None = Field(None, alias="cliente_id")
    company_id: Id | None = Field(None, alias="empresa_id")
    currency: Currency | None = Field(None, alias="moneda")
    value_from: Amount | None = Field(None, alias="valor_min")
    value_to: Amount | None = Field(None, alias="valor_max")
    created_from: Day | None = Field(None, alias="fecha_desde")
    created_to: Day | None = Field(None, alias="fecha_hasta")

    def filters(self) -> queries.Filters:
        return queries.Filters(**self.model_dump())


rows = reading(FilterQuery, queries.to_export)
sources.declare(Source("sales.oportunidades", "Oportunidades", rows, COLUMNS, amounts={"value": "currency"}))


def _sums(totals: queries.Totals) -> dict[str, Sums]:
    return {
        currency: Sums(count=each.count, total_value=float(each.value), weighted_value=float(each.weighted))
        for currency, each in totals.by_currency.items()
    }


def _answer(request: Call, opportunity_id: int, message: str) -> Answer[Opportunity]:
    return Answer(data=Opportunity.of(queries.detail(request.actor, opportunity_id)), message=message)


@opportunities.post("/")
def create_opportunity(request: Call, opportunity: OpportunityIn) -> Answer[Opportunity]:
    """Crea una oportunidad. Needs `opportunities.add`.

    Sin `probabilidad` toma la de su etapa; en una etapa ganada es 100 y en una perdida 0, con fecha de cierre real.
    404 si el cliente o la empresa no existen.
    """
    created = actions.create(request.actor, **opportunity.given())
    return _answer(request, created.pk, "Oportunidad creada exitosamente")


@opportunities.get("/")
def list_opportunities(request: Call, filters: Query[FilterQuery], wanted: Query[OrderedPageQuery]) -> OpportunityPage:
    """Una página de oportunidades, las más nuevas primero. Needs `opportunities.view`.

    Los totales son sobre todo lo que cumple los filtros, no sobre la página: sumas sin conversión de moneda, y al lado
    `por_moneda`. `fecha_desde` y `fecha_hasta` son días de creación, ambos incluidos, en la zona horaria del espacio.
    """
    found, totals = queries.page(request.actor, filters.filters(), wanted.window_in(ORDERINGS))
    return OpportunityPage.of_page(
        request,
        found,
        total_value=float(totals.value),
        weighted_value=float(totals.weighted),
        by_currency=_sums(totals),
    )


@opportunities.get("/export/")
def export_opportunities(request: Call, filters: Query[FilterQuery]) -> StreamingHttpResponse:
    """Las oportunidades en CSV, con los filtros del listado. Needs `opportunities.export`."""
    rows = queries.to_export(request.actor, filters.filters())
    return csv_file(request, csv_pieces(rows, COLUMNS), name=f"oportunidades-{request.actor.today}")


@opportunities.post("/export/", status=202)
def order_export_opportunities(request: Call, filters: Query[FilterQuery], order: ExportOrder) -> Answer[OrderedExport]:
    """Encarga el archivo al servidor, que envía un enlace por correo cuando está. Needs `opportunities.export`.

    Con los filtros del listado, en CSV, Excel o PDF (hasta 1000 filas, 400). Cómo va lo dice `GET /api/exports/{id}/`.
    409 con demasiados en espera.
    """
    return ordered(request, "sales.oportunidades", filters, order)


@opportunities.get("/pipeline/")
def pipeline(request: Call, filters: Query[FilterQuery]) -> Pipeline:
    """Las oportunidades por etapa, en el orden de las etapas. Needs `opportunities.view`.

    `count` y `valor_total` son exactos; de cada etapa se muestran las 20 más nuevas (las demás: listado con `etapa`).
    """
    stages, totals = queries.pipeline(request.actor, filters.filters())
    return Pipeline(
        data={
            each.stage.key: StageInPipeline(
                count=each.count, value=float(each.value), opportunities=[Opportunity.of(row) for row in each.rows]
            )
            for each in stages
        },
        message="Pipeline obtenido exitosamente",
        total=totals.count,
        value=float(totals.value),
        by_currency=_sums(totals),
    )


@opportunities.get("/{int:opportunity_id}/")
def get_opportunity(request: Call, opportunity_id: Id) -> Answer[Opportunity]:
    """Una oportunidad. Needs `opportunities.view`."""
    found = Opportunity.of(queries.get(request.actor, opportunity_id))
    return Answer(data=found, message="Oportunidad obtenida exitosamente")


@opportunities.patch("/{int:opportunity_id}/")
def update_opportunity(
    request: Call, opportunity_id: Id, opportunity: Partial[OpportunityChange]
) -> Answer[Opportunity]:
    """Cambia los campos dados. Needs `opportunities.change`.

    `resultado` mueve a la etapa de ese resultado (null: de una cerrada a la primera abierta); `estado`, `resultado` y
    `etapa` que se contradicen son un 400. Una oportunidad cerrada conserva la probabilidad de su etapa.
    Volver a una etapa abierta borra la fecha de cierre real y toma la probabilidad de la etapa.
    """
    actions.update(request.actor, opportunity_id, **opportunity.given())
    return _answer(request, opportunity_id, "Oportunidad actualizada exitosamente")


@opportunities.patch("/{int:opportunity_id}/actualizar-etapa/")
def move_opportunity(request: Call, opportunity_id: Id, stage: StageIn) -> Answer[Opportunity]:
    """Mueve a otra etapa y guarda quién, cuándo y por qué (`notas`). Needs `opportunities.change`."""
    actions.move(request.actor, opportunity_id, stage=stage.stage, reason=stage.reason or "")
    return _answer(request, opportunity_id, "Etapa actualizada exitosamente")


@opportunities.delete("/{int:opportunity_id}/", status=200)
def delete_opportunity(request: Call, opportunity_id: Id) -> Done:
    """Elimina una oportunidad con su historial de etapas. Needs `opportunities.delete`."""
    actions.delete(request.actor, opportunity_id)
    return Done(message="Oportunidad eliminada exitosamente")
