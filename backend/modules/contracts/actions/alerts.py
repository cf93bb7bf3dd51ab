"""Telling people that a contract ends, or that a payment is due or late."""

from datetime import date

from backend.core import turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.contracts import alerts, queries
from backend.modules.contracts.alerts import ENDING, Alert
from backend.modules.contracts.models import AlertRound, Contract, ContractAlert, Occasion, Payment
from backend.modules.identity.actions import telling
from backend.modules.notifications.actions import Subject

Facts = dict[str, str | date | None]
KINDS = {
    Occasion.ENDING: "contract_ending",
    Occasion.PAYMENT_DUE: "contract_payment_due",
    Occasion.PAYMENT_LATE: "contract_payment_late",
}


@action("contract.tell")
def tell(actor: Actor, *, alert: Alert) -> bool:
    """Tell the agent and the managers, once; answers whether anything was told.

    Nothing is where the contract or the payment has changed meanwhile, so that it does not hold any more.
    """
    contract = _locked(actor, alert.contract_id)
    payment = _locked_payment(actor, alert)
    subject = contract if alert.payment_id is None else payment
    if contract is None or subject is None or not _holds(contract, payment, alert) or _is_told(actor, alert):
        return False
    written = ContractAlert.objects.of(actor).create(**alert._asdict())
    for user_id in alerts.readers(actor, contract):
        telling.tell(
            actor,
            user_id,
            key=f"contract-alert/{written.pk}",
            kind=KINDS[alert.occasion],
            facts=_facts(actor, contract, payment, alert.day),
            subject=Subject(queries.SUBJECT, contract.pk),
        )
    return True


@action("contract.settle_alerts")
def settle(actor: Actor, *, day: date) -> None:
    """Everything up to and with this day is told."""
    turns.take(actor.workspace_id, "contract alerts")
    rows = AlertRound.objects.of(actor)
    told = rows.first() or rows.new(day=day)
    told.day = max(told.day, day)
    told.save()


def _locked(actor: Actor, contract_id: int) -> Contract | None:
    rows = Contract.objects.of(actor).select_for_update(of=("self",))
    found: Contract | None = rows.filter(pk=contract_id).first()
    return found


def _locked_payment(actor: Actor, alert: Alert) -> Payment | None:
    rows = alerts.open_payments(actor).select_for_update(of=("self",))
    found: Payment | None = rows.filter(pk=alert.payment_id).first() if alert.payment_id else None
    return found


def _holds(contract: Contract, payment: Payment | None, alert: Alert) -> bool:
    if payment is not None:
        return bool(payment.due_on == alert.day)
    return contract.status in ENDING and contract.ends_on == alert.day


def _is_told(actor: Actor, alert: Alert) -> bool:
    """Whether this was told, or that fewer days are left."""
    told = ContractAlert.objects.of(actor).filter(
        contract_id=alert.contract_id, payment_id=alert.payment_id, occasion=alert.occasion, day=alert.day
    )
    return bool(told.filter(days_before__lte=alert.days_before).exists())


def _facts(actor: Actor, contract: Contract, payment: Payment | None, day: date) -> Facts:
    """`days` are those really left, an empty text if there are none."""
    left = (day - actor.today).days
    facts: Facts = {
        "number": contract.number,
        "title": contract.title,
        "client": contract.client_name,
        "day": day,
        "days": str(left) if left >= 0 else "",
    }
    if payment is not None:
        facts |= {"payment": payment.kind, "amount": f"{contract.currency} {payment.amount:,.2f}"}
    return facts
