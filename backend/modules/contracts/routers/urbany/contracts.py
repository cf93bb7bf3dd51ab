"""Contratos (urbany.md, "CONTRATOS - `/api/contratos/`")."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from django.conf import settings
from ninja import Query
from pydantic import BeforeValidator, Field

from backend.core.errors import NotFound
from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.pages import OrderedPageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import Done, urbany
from backend.dialects.wire import Id, Incoming, Partial, Text, Wire, no_boolean
from backend.modules.contracts import actions, queries
from backend.modules.contracts.actions import samples
from backend.modules.contracts.queries import documents
from backend.modules.contracts.routers.urbany.shapes import (
    Contract,
    ContractDetail,
    ContractIn,
    Document,
    Kind,
    Priority,
    Status,
    contract_detail,
)
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source

contracts = Resource(urbany, "/contratos", tag="Contratos")

ORDERINGS = {
    "contract_number": "number",
    "contract_type": "kind",
    "contract_value": "value",
    "start_date": "starts_on",
    "end_date": "ends_on",
    "signed_date": "signed_on",
} | {
    name: name
    for name in (
        "id", "title", "status", "priority", "client_name", "commission_rate", "commission_amount", "created_at",
        "updated_at",
    )
}  # fmt: skip


class FilterQuery(ListFilters):
    """The filters of the list."""

    term: Text = Field(
        "", alias="search", max_length=200, description="Título, cliente, dirección o número", examples=["casa"]
    )
    kind: Kind | None = Field(None, alias="contract_type")
    status: Status | None = None
    priority: Priority | None = None

    def filters(self) -> queries.Filters:
        return queries.Filters(**self.model_dump())


class DaysQuery(Wire):
    days: Annotated[int, Field(ge=0, le=3650)] = Field(queries.SOON, description="Días hacia adelante", examples=[15])


class Sums(Wire):
    count: int
    value: Decimal = Field(alias="total_value", examples=["15750000.00"])
    commission: Decimal = Field(alias="total_commission", examples=["578750.00"])


class Statistics(Wire):
    total_contracts: int = Field(examples=[25])
    by_status: dict[str, int] = Field(examples=[{"Draft": 5, "Active": 12}])
    by_kind: dict[str, int] = Field(alias="by_type", examples=[{"Sale": 8, "Rent": 2}])
    value: Decimal = Field(alias="total_value", examples=["15750000.00"])
    commission: Decimal = Field(alias="total_commission", examples=["578750.00"])
    average_rate: Decimal = Field(alias="avg_commission_rate", description="En por ciento", examples=["3.67"])
    this_month: int = Field(alias="contracts_this_month", examples=[25])
    expiring_soon: int = Field(description="Los que vencen en los próximos 30 días", examples=[3])
    by_currency: dict[str, Sums]


class Expiring(Wire):
    id: int
    number: str = Field(alias="contract_number", examples=["CON-2026-005"])
    title: str
    client_name: str
    ends_on: date = Field(alias="end_date")
    days_left: int = Field(alias="days_to_expire", examples=[14])
    status: Status


class ExpiringContracts(Wire):
    count: int = Field(examples=[3])
    contracts: list[Expiring]


class SampleOrder(Incoming):
    count: Annotated[int, Field(ge=1, le=samples.MOST), BeforeValidator(no_boolean)] = Field(10, examples=[10])


TEN = SampleOrder()


class SamplesMade(Done):
    message: str = Field(examples=["10 contratos de prueba creados exitosamente"])
    contracts_created: int = Field(examples=[10])
    total_contracts: int = Field(examples=[35])


sources.declare(
    Source(
        "urbany.contratos",
        "Contratos",
        reading(FilterQuery, queries.to_export),
        columns(Contract),
        amounts={"value": "currency", "commission_amount": "currency"},
    )
)


@contracts.get("/")
def list_contracts(
    request: Call, filters: Query[FilterQuery], wanted: Query[OrderedPageQuery]
) -> ResultsPage[Contract]:
    """Una página de los contratos propios, los más nuevos primero; de todos con `contracts.view_all`.

    Needs `contracts.view`. `search` no distingue mayúsculas ni acentos.
    """
    return ResultsPage[Contract].of_page(
        request, queries.page(request.actor, filters.filters(), wanted.window_in(ORDERINGS))
    )


@contracts.post("/")
def create_contract(request: Call, contract: ContractIn) -> Contract:
    """Crea un contrato con el siguiente número del año, `CON-<año>-NNN`. Needs `contracts.add`.

    Nace como Draft, Active o Signed; Signed lleva `signed_date`. `commission_amount` se calcula. Lo lleva quien lo
    crea; otro `agent` needs `contracts.view_all`. 400 si termina antes de empezar, o el cliente, la oportunidad o el
    agente no existen.
    """
    made = actions.create(request.actor, **contract.given())
    return Contract.of(queries.detail(request.actor, made.pk))


@contracts.get("/stats/")
def contract_stats(request: Call) -> Statistics:
    """Cuántos contratos hay por estado y por tipo, y lo que valen, de los que ve quien llama. Needs `contracts.view`.

    Los totales suman todas las monedas tal cual; `by_currency` los da por moneda. «Este mes» es el del espacio.
    """
    found = queries.statistics(request.actor)
    return Statistics(
        total_contracts=found.total.count,
        by_status={status.capitalize(): count for status, count in found.by_status.items()},
        by_kind={kind.capitalize(): count for kind, count in found.by_kind.items()},
        value=found.total.value,
        commission=found.total.commission,
        average_rate=found.average_rate,
        this_month=found.this_month,
        expiring_soon=found.expiring_soon,
        by_currency={currency: Sums.of_object(sums) for currency, sums in found.by_currency.items()},
    )


@contracts.get("/expiring/")
def expiring_contracts(request: Call, wanted: Query[DaysQuery]) -> ExpiringContracts:
    """Los contratos Active y Signed que vencen de hoy a `days` días, el más próximo primero. Needs `contracts.view`."""
    found = [Expiring.of(row) for row in queries.expiring(request.actor, days=wanted.days)]
    return ExpiringContracts(count=len(found), contracts=found)


@contracts.post("/generate-mock/")
def generate_contracts(request: Call, order: SampleOrder = TEN) -> SamplesMade:
    """Crea contratos de prueba de quien llama, 100 como máximo. Needs `contracts.add`. 404 en producción."""
    if not settings.DEVELOPMENT:
        raise NotFound(record="operation")
    total = samples.generate(request.actor, count=order.count)
    return SamplesMade(
        message=f"{order.count} contratos de prueba creados exitosamente",
        contracts_created=order.count,
        total_contracts=total,
    )


@contracts.get("/{int:contract_id}/")
def contract_details(request: Call, contract_id: Id) -> ContractDetail:
    """Un contrato con sus pagos, lo que suman, sus documentos y sus notas. Needs `contracts.view`.

    `file` de un documento vale cinco minutos. 404 si el contrato es de otro agente.
    """
    actor = request.actor
    found = queries.get(actor, contract_id)
    return contract_detail(
        found,
        payments=queries.payments(actor, contract_id),
        documents=[Document.at(request, row) for row in documents.of_contract(actor, contract_id)],
        notes=queries.notes(actor, contract_id),
    )


@contracts.put("/{int:contract_id}/")
def update_contract(request: Call, contract_id: Id, contract: Partial[ContractIn]) -> Contract:
    """Cambia los campos que se envían. Needs `contracts.change`.

    `status` da un paso: Draft → Active → Signed → Completed, o Cancelled desde los tres primeros; lo demás es un 400,
    y Expired solo lo pone el servidor. Signed necesita `signed_date`. Cancelar cancela los pagos abiertos. 409 si el
    contrato ya terminó.
    """
    actions.update(request.actor, contract_id, **contract.given())
    return Contract.of(queries.detail(request.actor, contract_id))
