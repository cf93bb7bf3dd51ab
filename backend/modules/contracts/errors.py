"""What can be wrong with a change of a contract."""

from backend.core.errors import Conflict, Invalid


class StepNotAllowed(Invalid):
    """The life cycle has no such step. Facts: `before` and `after`, labels of `Status`."""

    code = "contract_step_not_allowed"
    field = "status"


class EndedFromTheStart(Invalid):
    """A contract does not come into being as one that has ended. Fact: `status`, a label of `Status`."""

    code = "contract_ended_from_the_start"
    field = "status"


class ContractClosed(Conflict):
    """The contract has ended: nothing of it changes any more but its notes. Fact: `number`."""

    code = "contract_closed"


class DatesReversed(Invalid):
    """The contract would end before it starts."""

    code = "contract_dates_reversed"
    field = "ends_on"


class SignatureMissing(Invalid):
    """A signed contract has the day on which it was signed."""

    code = "contract_signature_missing"
    field = "signed_on"


class NotSigned(Invalid):
    """Only a signed contract has a day on which it was signed."""

    code = "contract_not_signed"
    field = "signed_on"


class SignedTooLate(Invalid):
    """The day of the signature lies in the future, or after the end of the contract."""

    code = "contract_signed_too_late"
    field = "signed_on"


class UnknownAgent(Invalid):
    """No active member of the workspace has this address. Fact: `value`."""

    code = "unknown_agent"
    field = "agent_email"


class PaymentSettled(Conflict):
    """The payment is paid or cancelled already."""

    code = "payment_settled"


class PaidInFuture(Invalid):
    """The day of the payment lies in the future."""

    code = "payment_in_future"
    field = "paid_on"


class NotPaid(Invalid):
    """Only a paid payment has a day on which it was paid."""

    code = "payment_not_paid"
    field = "paid_on"


class NothingToSchedule(Invalid):
    """The payments come to the contract's value already, or to less than a cent each."""

    code = "nothing_to_schedule"
    field = "total"


class TooManyPayments(Conflict):
    """A contract has at most so many payments. Fact: `limit`."""

    code = "too_many_payments"


class TooManyDocuments(Conflict):
    """A contract has at most so many documents. Fact: `limit`."""

    code = "too_many_documents"
