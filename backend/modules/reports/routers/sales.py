"""Reportes (sales.md, section 6)."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from ninja import Query
from pydantic import Field

from backend.dialects.resource import Call, Resource
from backend.dialects.sales import Answer, sales
from backend.dialects.wire import Day, Vocabulary, Wire
from backend.modules.activities.routers.sales import Kind
from backend.modules.opportunities.routers.sales import Currency
from backend.modules.reports.queries import companies as company_queries
from backend.modules.reports.queries import conversion as conversion_queries
from backend.modules.reports.queries import dashboard as dashboard_queries
from backend.modules.reports.queries import sales as sales_queries

reports = Resource(sales, "/reportes", tag="Reportes")

OBTAINED = "Reporte obtenido exitosamente"
Grouping = Annotated[str, Vocabulary({"dia": "day", "semana": "week", "mes": "month"})]


class Totals(Wire):
    companies: int = Field(alias="empresas")
    contacts: int = Field(alias="clientes")
    opportunities: int = Field(alias="oportunidades")
    open: int = Field(alias="oportunidades_abiertas")
    won: int = Field(alias="oportunidades_ganadas")
    lost: int = Field(alias="oportunidades_perdidas")
    activities: int = Field(alias="actividades")
    pending_activities: int = Field(alias="actividades_pendientes")


class Values(Wire):
    total: float = Field(examples=[125000.0])
    open: float = Field(alias="abierto", examples=[80000.0])
    weighted: float = Field(alias="ponderado", examples=[32000.0])
    won: float = Field(alias="ganado", examples=[30000.0])
    lost: float = Field(alias="perdido", examples=[15000.0])


class AllValues(Values):
    by_currency: dict[str, Values] = Field(alias="por_moneda")


class InStage(Wire):
    count: int
    value: float = Field(alias="valor_total")


class Dashboard(Wire):
    totals: Totals = Field(alias="totales")
    values: AllValues = Field(alias="valores")
    by_stage: dict[str, InStage] = Field(alias="oportunidades_por_etapa")
    activities: dict[Kind, int] = Field(alias="actividades_por_tipo")


class PeriodQuery(Wire):
    """Which sales, and how they are put together."""

    first: Day | None = Field(
        None, alias="fecha_inicio", description="Primer día; por defecto, 30 días hasta `fecha_fin`"
    )
    last: Day | None = Field(None, alias="fecha_fin", description="Último día, incluido; por defecto, hoy")
    grouping: Grouping = Field("mes", alias="agrupar_por", validate_default=True)
    currency: Currency | None = Field(None, alias="moneda")


class Period(Wire):
    first: date = Field(alias="fecha_inicio", examples=["2026-11-01"])
    last: date = Field(alias="fecha_fin", examples=["2026-11-30"])
    grouping: Grouping = Field(alias="agrupar_por", examples=["mes"])
    currency: Currency | None = Field(alias="moneda", examples=[None])


class Sold(Wire):
    count: int = Field(alias="num_ventas")
    value: float = Field(alias="valor_total")


class Summary(Sold):
    average: float = Field(alias="valor_promedio")


class FullSummary(Summary):
    by_currency: dict[str, Summary] = Field(alias="por_moneda")


class Bucket(Wire):
    name: str = Field(alias="periodo", examples=["2026-11-21", "2026-W47", "2026-11"])
    first: date = Field(alias="fecha_inicio")
    last: date = Field(alias="fecha_fin")
    count: int = Field(alias="num_ventas")
    value: float = Field(alias="valor_total")
    by_currency: dict[str, Sold] = Field(alias="por_moneda")


class Sales(Wire):
    period: Period = Field(alias="periodo")
    summary: FullSummary = Field(alias="resumen")
    buckets: list[Bucket] = Field(alias="ventas_por_periodo")


class Passage(Wire):
    stage_key: str = Field(alias="etapa", examples=["calificacion"])
    stage_name: str = Field(alias="nombre", examples=["Calificación"])
    entered: int = Field(alias="entraron", examples=[40])
    advanced: int = Field(alias="avanzaron", examples=[25])
    rate: float = Field(alias="tasa", examples=[62.5])


class Conversion(Wire):
    created: int = Field(alias="total_oportunidades_creadas")
    won: int = Field(alias="total_cerradas_ganadas")
    lost: int = Field(alias="total_cerradas_perdidas")
    rate: float = Field(alias="tasa_conversion_general", examples=[63.15])
    passages: list[Passage] = Field(alias="conversion_por_etapa")
    days_to_close: float | None = Field(alias="tiempo_promedio_cierre_dias", examples=[47.99])


class Deals(Wire):
    count: int = Field(alias="num_oportunidades")
    value: float = Field(alias="valor_total_oportunidades")


class CompanyFigures(Wire):
    company_id: int = Field(alias="empresa_id")
    company_name: str = Field(alias="empresa_nombre", examples=["Acme Corp"])
    contacts: int = Field(alias="num_clientes")
    count: int = Field(alias="num_oportunidades")
    value: float = Field(alias="valor_total_oportunidades")
    by_currency: dict[str, Deals] = Field(alias="por_moneda")


@reports.get("/dashboard/")
def dashboard(request: Call) -> Answer[Dashboard]:
    """El espacio de trabajo en cifras, en este momento. Needs `reports.view`.

    `valores` son sumas sin conversión de moneda, y al lado `por_moneda`; `ponderado` es el valor de las abiertas por su
    probabilidad. Todas las etapas, en su orden, y todos los tipos de actividad están, aunque sea con 0.
    """
    found = dashboard_queries.dashboard(request.actor)
    return Answer(data=Dashboard.of_object(found), message=OBTAINED)


@reports.get("/ventas/")
def sales_report(request: Call, wanted: Query[PeriodQuery]) -> Answer[Sales]:
    """Las oportunidades ganadas por día, semana o mes de su fecha de cierre real. Needs `reports.view`.

    `fecha_inicio` y `fecha_fin` son días, ambos incluidos, en la zona horaria del espacio; por defecto los últimos 30
    días hasta hoy. Los grupos sin ventas están, con ceros; las semanas son las de ISO 8601 y empiezan el lunes; el
    primer grupo y el último se recortan al periodo. 400 si el periodo termina antes de empezar o tiene más de 1000
    grupos.
    """
    found = sales_queries.sales(request.actor, **wanted.model_dump())
    return Answer(data=Sales.of_object(found), message=OBTAINED)


@reports.get("/conversion/")
def conversion(request: Call) -> Answer[Conversion]:
    """Cuántas oportunidades se ganan, por dónde pasan y cuánto tardan en cerrarse. Needs `reports.view`.

    `tasa_conversion_general` es ganadas por cada cien cerradas. Por etapa abierta: `entraron` las que alguna vez
    entraron en ella, `avanzaron` las que después entraron en una posterior que no es perdida.
    `tiempo_promedio_cierre_dias` va de la creación al cierre, entre ganadas y perdidas; null si no hay ninguna.
    """
    found = conversion_queries.conversion(request.actor)
    return Answer(data=Conversion.of_object(found), message=OBTAINED)


@reports.get("/clientes-por-empresa/")
def clients_by_company(request: Call) -> Answer[Iterable[CompanyFigures]]:
    """Todas las empresas por nombre, con sus clientes y oportunidades. Needs `reports.view`.

    Los valores son sumas sin conversión de moneda, y al lado `por_moneda`. Lo que no tiene empresa no aparece.
    """
    found = company_queries.contacts_by_company(request.actor)
    return Answer(data=map(CompanyFigures.of_object, found), message=OBTAINED)
