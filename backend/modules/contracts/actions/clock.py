"""What the passing of days does to contracts and payments."""

from django.utils import timezone

from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.contracts.models import IN_FORCE, Contract, Payment, PaymentStatus, Status

AT_ONCE = 200  # rows of one transaction


@action("contract.expire")
def expire(actor: Actor) -> int:
    """Expire contracts in force that ended before today, some of many at a time; answers how many."""
    ended = Contract.objects.of(actor).filter(status__in=IN_FORCE, ends_on__lt=actor.today)
    contracts = list(ended.select_for_update(of=("self",)).order_by("id")[:AT_ONCE])
    for contract in contracts:
        contract.status, contract.updated_at = Status.EXPIRED, timezone.now()
    Contract.objects.of(actor).bulk_update(contracts, ["status", "updated_at"])
    return len(contracts)


@action("contract.note_late_payments")
def note_late(actor: Actor) -> int:
    """Mark pending payments of contracts in force as late that were due before today, some of many at a time.

    Answers how many.
    """
    pending = Payment.objects.of(actor).filter(status=PaymentStatus.PENDING, due_on__lt=actor.today)
    overdue = pending.filter(contract__status__in=IN_FORCE)
    payments = list(overdue.select_for_update(of=("self",)).order_by("id")[:AT_ONCE])
    for payment in payments:
        payment.status, payment.updated_at = PaymentStatus.LATE, timezone.now()
    Payment.objects.of(actor).bulk_update(payments, ["status", "updated_at"])
    return len(payments)
