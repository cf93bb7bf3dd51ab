"""Drafting contracts, changing them, and the steps of their life."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TypedDict, Unpack

from backend.core import folding, search, turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.contacts import queries as contacts
from backend.modules.contracts import errors, queries
from backend.modules.contracts.actions import payments
from backend.modules.contracts.models import FIRST, STEPS, Contract, Status
from backend.modules.contracts.permissions import ADD, CHANGE, VIEW_ALL
from backend.modules.identity import queries as identity
from backend.modules.opportunities import queries as opportunities

CENT = Decimal("0.01")


class ContractFields(TypedDict, total=False):
    """What can be given of a contract.

    `kind`, `status` and `priority` are values of `Kind`, `Status` and `Priority`; `value` has two places,
    `commission_rate` is in per cent. `agent_email` is the address of a member; None leaves the agent as it is.
    """

    title: str
    kind: str
    status: str
    priority: str
    client_name: str
    client_email: str
    client_phone: str
    property_address: str
    property_kind: str
    property_size: Decimal | None
    value: Decimal
    currency: str
    commission_rate: Decimal
    starts_on: date | None
    ends_on: date | None
    signed_on: date | None
    terms: str
    contact_id: int | None
    opportunity_id: int | None
    agent_email: str | None


@action("contract.create", needs=ADD)
def create(actor: Actor, **fields: Unpack[ContractFields]) -> Contract:
    """A new contract under the next number of the year; a draft unless it is active or signed already.

    The agent is who creates it, or whom somebody names who holds `contracts.view_all`. An API key is nobody: it needs
    that permission, and without a name there is no agent. Raises `EndedFromTheStart` for any other status, and what
    `update` raises about fields.
    """
    contract: Contract = Contract.objects.of(actor).new(agent_id=actor.user_id, created_by_id=actor.user_id)
    if actor.user_id is None and fields.get("agent_email") is None:
        actor.require(VIEW_ALL)
    _set(actor, contract, fields)
    if contract.status not in FIRST:
        raise errors.EndedFromTheStart(status=Status(contract.status).label)
    _check(actor, contract)
    _hold_opportunity(actor, contract)
    _number(actor, contract)
    contract.search_text = _search_text(contract)
    contract.save()
    return contract


@action("contract.update", needs=CHANGE)
def update(actor: Actor, contract_id: int, **fields: Unpack[ContractFields]) -> Contract:
    """Change the given fields; another `status` is a step of the contract's life.

    Cancelling it cancels the payments that are open. Raises `NotFound`, `StepNotAllowed`, `ContractClosed`,
    `DatesReversed`, `SignatureMissing`, `NotSigned`, `SignedTooLate`, `UnknownAgent`, `UnknownContact` and
    `UnknownOpportunity`; and `PermissionDenied` for another agent without `contracts.view_all`.
    """
    contract: Contract = queries.visible_to(actor).lock(contract_id)
    before = Status(contract.status)
    _set(actor, contract, fields)
    if contract.is_unchanged:
        return contract
    _check_step(contract, before)
    _check(actor, contract)
    contract.search_text = _search_text(contract)
    contract.save()
    if contract.status == Status.CANCELLED:
        payments.cancel_open(actor, contract_id)
    return contract


def _set(actor: Actor, contract: Contract, fields: ContractFields) -> None:
    """Put the fields into the contract, with what follows from them."""
    contact_id, opportunity_id = fields.get("contact_id"), fields.get("opportunity_id")
    if contact_id not in (None, contract.contact_id):
        contacts.check(actor, contact_id)
    if opportunity_id not in (None, contract.opportunity_id):
        opportunities.check(actor, opportunity_id)
    if (email := fields.get("agent_email")) is not None:
        _give_to(actor, contract, email)
    for name, value in fields.items():
        if name != "agent_email":
            setattr(contract, name, value)
    contract.commission_amount = (contract.value * contract.commission_rate / 100).quantize(CENT, ROUND_HALF_UP)


def _give_to(actor: Actor, contract: Contract, email: str) -> None:
    """Have the member of this address look after it. What a client sends back as it was changes nothing."""
    if contract.agent is not None and folding.key(contract.agent.email) == folding.key(email):
        return
    actor.require(VIEW_ALL)
    member = identity.member_by_email(actor, email)
    if member is None:
        raise errors.UnknownAgent(value=email)
    contract.agent = member


def _check_step(contract: Contract, before: Status) -> None:
    if contract.status != before and contract.status not in STEPS.get(before, ()):
        raise errors.StepNotAllowed(before=before.label, after=Status(contract.status).label)
    if before not in STEPS:
        raise errors.ContractClosed(number=contract.number)


def _check(actor: Actor, contract: Contract) -> None:
    """What holds of every contract, whichever fields were given."""
    starts_on, ends_on, signed_on = contract.starts_on, contract.ends_on, contract.signed_on
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise errors.DatesReversed
    if _is_signed(contract) and signed_on is None:
        raise errors.SignatureMissing
    if not _is_signed(contract) and signed_on is not None:
        raise errors.NotSigned
    if signed_on is not None and signed_on > min(actor.today, ends_on or actor.today):
        raise errors.SignedTooLate


def _is_signed(contract: Contract) -> bool:
    """Whether there is a signature; a contract that is being cancelled keeps the one that it has."""
    status = contract.stored["status"] if contract.status == Status.CANCELLED else contract.status
    return status in (Status.SIGNED, Status.COMPLETED)


def _hold_opportunity(actor: Actor, contract: Contract) -> None:
    """Lock it before a number is asked for, as who wins it does, whose win drafts a contract."""
    rows = opportunities.visible_to(actor).select_for_update(of=("self",), no_key=True)
    if contract.opportunity_id is not None and not rows.filter(pk=contract.opportunity_id):
        raise opportunities.UnknownOpportunity(id=contract.opportunity_id)


def _number(actor: Actor, contract: Contract) -> None:
    """The next number of the year. Of several that ask at once each waits until the one before is written or undone."""
    contract.year = actor.today.year
    turns.take(actor.workspace_id, f"contract numbers of {contract.year}")
    contract.serial = queries.last_serial(actor, contract.year) + 1
    contract.number = f"CON-{contract.year}-{contract.serial:03}"


def _search_text(contract: Contract) -> str:
    return search.text(
        contract.number,
        contract.title,
        contract.client_name,
        contract.client_email,
        contract.property_address,
        phones=(contract.client_phone,),
    )
