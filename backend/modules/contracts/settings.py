"""What the server does by itself with the contracts of a workspace."""

from backend.core.actor import Actor
from backend.modules.contracts.models import ContractSettings
from backend.modules.contracts.permissions import VIEW


def of(actor: Actor) -> ContractSettings:
    """Those of the actor's workspace; the defaults, as version 0, until somebody changes them."""
    rows = ContractSettings.objects.of(actor)
    found: ContractSettings = rows.first() or rows.new(version=0)
    return found


def get(actor: Actor) -> ContractSettings:
    """The same for who may read contracts."""
    actor.require(VIEW)
    return of(actor)
