"""Contracts that have not ended, held so until what belongs to them is written."""

from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.contracts import errors, queries
from backend.modules.contracts.models import STEPS, Contract


def check(actor: Actor, contract_id: int) -> None:
    """Raises `NotFound` and `ContractClosed`, as things are."""
    _open(queries.visible_to(actor).filter(pk=contract_id).first(), contract_id)


def hold(actor: Actor, contract_id: int) -> Contract:
    """The contract, kept from ending by a lock. Raises `NotFound` and `ContractClosed`.

    The caller's `If-Match` is about what is locked next; where that is the contract, use `lock`.
    """
    return _open(queries.visible_to(actor).select_for_update(of=("self",)).filter(pk=contract_id).first(), contract_id)


def lock(actor: Actor, contract_id: int) -> Contract:
    """The contract in the version that the caller read. Raises `NotFound`, `Stale` and `ContractClosed`."""
    return _open(queries.visible_to(actor).lock(contract_id), contract_id)


def _open(contract: Contract | None, contract_id: int) -> Contract:
    if contract is None:
        raise NotFound(record="contract", id=contract_id)
    if contract.status not in STEPS:
        raise errors.ContractClosed(number=contract.number)
    return contract
