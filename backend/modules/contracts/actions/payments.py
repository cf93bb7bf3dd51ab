"""The payments of a contract: one at a time, or a whole schedule."""

import calendar
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import TypedDict, Unpack

from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.contracts import errors, queries
from backend.modules.contracts.actions import holding
from backend.modules.contracts.models import OPEN, Contract, Payment, PaymentStatus
from backend.modules.contracts.permissions import CHANGE

MOST = 600  # payments of a contract: fifty years of months
CENT = Decimal("0.01")


class PaymentFields(TypedDict, total=False):
    """What can be given of a payment. `amount` has two places; of `status` a payment that is open follows its day."""

    kind: str
    amount: Decimal
    due_on: date
    paid_on: date | None
    status: str


@action("contract.add_payment", needs=CHANGE)
def add(actor: Actor, contract_id: int, **fields: Unpack[PaymentFields]) -> Payment:
    """A new payment. Raises `NotFound`, `ContractClosed`, `TooManyPayments`, `PaidInFuture` and `NotPaid`."""
    contract = holding.lock(actor, contract_id)
    _check_room(actor, contract, 1)
    payment: Payment = Payment.objects.of(actor).new(contract=contract)
    _set(actor, payment, fields)
    payment.save()
    return payment


@action("contract.schedule_payments", needs=CHANGE)
def schedule(
    actor: Actor, contract_id: int, *, kind: str, instalments: int, first_due_on: date, total: Decimal | None = None
) -> list[Payment]:
    """So many monthly payments on the day of the first, or on the last of a month that is too short for it.

    They come to `total`, by default to what no payment is there for yet of the contract's value; the last one takes
    what does not divide. Raises `NotFound`, `ContractClosed`, `TooManyPayments` and `NothingToSchedule`.
    """
    contract = holding.lock(actor, contract_id)
    _check_room(actor, contract, instalments)
    if total is None:
        total = queries.schedule(contract.value, queries.payments(actor, contract_id)).unscheduled
    each = (total / instalments).quantize(CENT, ROUND_DOWN)
    if each < CENT:
        raise errors.NothingToSchedule
    amounts = [each] * (instalments - 1) + [total - each * (instalments - 1)]
    made: list[Payment] = []
    for month, amount in enumerate(amounts):
        payment: Payment = Payment.objects.of(actor).new(contract=contract)
        _set(actor, payment, {"kind": kind, "amount": amount, "due_on": _months_after(first_due_on, month)})
        made.append(payment)
    return Payment.objects.of(actor).bulk_create(made)


@action("contract.change_payment", needs=CHANGE)
def update(actor: Actor, payment_id: int, *, contract_id: int, **fields: Unpack[PaymentFields]) -> Payment:
    """Change the given fields. Raises `NotFound`, `ContractClosed`, `PaidInFuture` and `NotPaid`."""
    payment = _lock(actor, contract_id, payment_id)
    _set(actor, payment, fields)
    if not payment.is_unchanged:
        payment.save()
    return payment


@action("contract.pay", needs=CHANGE)
def pay(actor: Actor, payment_id: int, *, contract_id: int, paid_on: date | None = None) -> Payment:
    """Mark a payment as paid, today unless another day is given.

    Raises `NotFound`, `ContractClosed`, `PaymentSettled` and `PaidInFuture`.
    """
    payment = _lock(actor, contract_id, payment_id)
    if payment.status not in OPEN:
        raise errors.PaymentSettled
    _set(actor, payment, {"status": PaymentStatus.PAID, "paid_on": paid_on or actor.today})
    payment.save()
    return payment


@action("contract.delete_payment", needs=CHANGE)
def delete(actor: Actor, payment_id: int, *, contract_id: int) -> None:
    """Remove a payment that is not paid. Raises `NotFound`, `ContractClosed` and `PaymentSettled`."""
    payment = _lock(actor, contract_id, payment_id)
    if payment.status == PaymentStatus.PAID:
        raise errors.PaymentSettled
    payment.delete()


@action("contract.cancel_payments")
def cancel_open(actor: Actor, contract_id: int) -> None:
    """Cancel what is still to be paid of a contract that the caller has just cancelled."""
    rows = Payment.objects.of(actor).filter(contract_id=contract_id, status__in=OPEN).select_for_update()
    payments = list(rows.order_by("id"))
    for payment in payments:
        payment.status = PaymentStatus.CANCELLED
    Payment.objects.of(actor).bulk_update(payments, ["status"])


def _lock(actor: Actor, contract_id: int, payment_id: int) -> Payment:
    """The payment, and its contract kept from ending meanwhile."""
    holding.hold(actor, contract_id)
    payment: Payment = Payment.objects.of(actor).filter(contract_id=contract_id).lock(payment_id)
    return payment


def _check_room(actor: Actor, contract: Contract, more: int) -> None:
    if Payment.objects.of(actor).filter(contract=contract).count() + more > MOST:
        raise errors.TooManyPayments(limit=MOST)


def _set(actor: Actor, payment: Payment, fields: PaymentFields) -> None:
    """Put the fields into the payment: what is open follows its day, what is paid has a day, and nothing else does."""
    for name, value in fields.items():
        setattr(payment, name, value)
    if payment.status == PaymentStatus.PAID:
        payment.paid_on = payment.paid_on or actor.today
        if payment.paid_on > actor.today:
            raise errors.PaidInFuture
        return
    if fields.get("paid_on") is not None:
        raise errors.NotPaid
    payment.paid_on = None
    if payment.status in OPEN:
        payment.status = PaymentStatus.LATE if payment.due_on < actor.today else PaymentStatus.PENDING


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
