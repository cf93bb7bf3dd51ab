"""What conversations are about: the kinds of records, and who sees which."""

from collections.abc import Callable, Mapping

from backend.core.actor import Actor
from backend.modules.contacts import queries as contacts
from backend.modules.contracts import queries as contracts
from backend.modules.opportunities import queries as opportunities


def _contact(actor: Actor, contact_id: int) -> bool:
    return actor.may(contacts.VIEW) and contacts.exists(actor, contact_id)


def _opportunity(actor: Actor, opportunity_id: int) -> bool:
    return actor.may(opportunities.VIEW) and opportunities.exists(actor, opportunity_id)


KINDS: Mapping[str, Callable[[Actor, int], bool]] = {
    "contact": _contact,
    "opportunity": _opportunity,
    "contract": contracts.is_readable,
}


def is_visible(actor: Actor, kind: str, record_id: int) -> bool:
    """Whether the actor sees this record."""
    return KINDS[kind](actor, record_id)
