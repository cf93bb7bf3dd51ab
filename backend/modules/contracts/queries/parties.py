"""Who stands on either side of a contract."""

from typing import Any

from django.db.models import F

from backend.core.actor import Actor
from backend.modules.contracts.queries import visible_to

AGENT = {name: F(f"agent__{name}") for name in ("first_name", "last_name", "username", "email", "phone")}


def agent(actor: Actor, contract_id: int) -> dict[str, Any]:
    """Who looks after a contract that the caller sees; every value is None if nobody does."""
    return visible_to(actor).filter(pk=contract_id).values(**AGENT).first() or dict.fromkeys(AGENT)
