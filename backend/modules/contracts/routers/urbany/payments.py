"""Los pagos de un contrato (added: urbany.md shows them in the detail)."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import Day, Id, Incoming, Partial, Wire, no_boolean
from backend.modules.contracts import queries
from backend.modules.contracts.actions import payments as actions
from backend.modules.contracts.routers.urbany.shapes import Amount, Label, Payment, PaymentIn

payments = Resource(urbany, "/contratos", tag="Contratos")


class ScheduleIn(Incoming):
    kind: Label = Field("Mensualidad", alias="payment_type", examples=["Mensualidad"])
    instalments: Annotated[int, Field(ge=1, le=actions.MOST), BeforeValidator(no_boolean)] = Field(
        description="Cuántos pagos", examples=[12]
    )
    first_due_on: Day = Field(alias="first_due_date", examples=["2026-12-15"])
    total: Amount | None = Field(
        None, description="Lo que suman; sin él, lo que falta por programar del valor", examples=["50000.00"]
    )


class Schedule(Wire):
    total: Decimal = Field(examples=["50000.00"])
    payments: list[Payment]


class PaidIn(Incoming):
    paid_on: Day | None = Field(None, alias="paid_date", description="Sin ella, hoy", examples=["2026-12-15"])


PAID_TODAY = PaidIn()


@payments.post("/{int:contract_id}/payments/")
def add_payment(request: Call, contract_id: Id, payment: PaymentIn) -> Payment:
    """Añade un pago. Needs `contracts.change`. 409 si el contrato ya terminó.

    Pending y Late siguen a `due_date`; `paid_date` acompaña a Paid, y es hoy si falta.
    """
    made = actions.add(request.actor, contract_id, **payment.given())
    return Payment.of(queries.payment(request.actor, made.pk))


@payments.post("/{int:contract_id}/payments/schedule/")
def schedule_payments(request: Call, contract_id: Id, schedule: ScheduleIn) -> Schedule:
    """Programa pagos mensuales el mismo día, o el último de un mes más corto. Needs `contracts.change`.

    Lo que no se divide en céntimos va en el último. 400 si no queda nada por programar, 409 si el contrato ya terminó.
    """
    made = actions.schedule(request.actor, contract_id, **schedule.model_dump())
    return Schedule(
        total=sum((payment.amount for payment in made), Decimal(0)),
        payments=[Payment.of_object(payment) for payment in made],
    )


@payments.put("/{int:contract_id}/payments/{int:payment_id}/")
def update_payment(request: Call, contract_id: Id, payment_id: Id, payment: Partial[PaymentIn]) -> Payment:
    """Cambia los campos que se envían. Needs `contracts.change`. 409 si el contrato ya terminó.

    `status` Paid lo paga, Cancelled lo anula, Pending lo vuelve a abrir.
    """
    actions.update(request.actor, payment_id, contract_id=contract_id, **payment.given())
    return Payment.of(queries.payment(request.actor, payment_id))


@payments.post("/{int:contract_id}/payments/{int:payment_id}/pay/", status=200)
def pay(request: Call, contract_id: Id, payment_id: Id, paid: PaidIn = PAID_TODAY) -> Payment:
    """Marca un pago como pagado. Needs `contracts.change`. 409 si ya está pagado o anulado."""
    actions.pay(request.actor, payment_id, contract_id=contract_id, paid_on=paid.paid_on)
    return Payment.of(queries.payment(request.actor, payment_id))


@payments.delete("/{int:contract_id}/payments/{int:payment_id}/")
def delete_payment(request: Call, contract_id: Id, payment_id: Id) -> None:
    """Elimina un pago que no está pagado. Needs `contracts.change`. 409 si lo está."""
    actions.delete(request.actor, payment_id, contract_id=contract_id)
