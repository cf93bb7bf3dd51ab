"""How leads come into a workspace by themselves, and whose they become."""

import logging
import secrets

from backend.core import sealing
from backend.core.actor import Actor
from backend.core.errors import NotFound, Unavailable
from backend.modules.identity import queries as identity
from backend.modules.identity import roles
from backend.modules.identity.queries import roles as role_queries
from backend.modules.leads.models import LONGEST_THANKS, LeadSettings
from backend.modules.leads.permissions import SETTINGS

__all__ = ["LONGEST_THANKS", "LeadSettings"]

logger = logging.getLogger(__name__)


def of(actor: Actor) -> LeadSettings:
    """Those of the actor's workspace; the defaults, as version 0, until somebody changes them."""
    rows = LeadSettings.objects.of(actor)
    found: LeadSettings = rows.first() or rows.new(version=0)
    return found


def get(actor: Actor) -> LeadSettings:
    """The same for who may change them."""
    actor.require(SETTINGS)
    return of(actor)


def participants(actor: Actor, wanted: LeadSettings) -> list[int]:
    """To whom leads go by turns, in their order: who left or is shut out is left out."""
    if wanted.round_robin_members:
        return sorted(identity.active_members(actor, among=wanted.round_robin_members))
    return sorted(set(role_queries.active_holders(actor, roles.SALES)))


def new_token(actor: Actor) -> str:
    """The last part of an address at which leads come in. It says in which workspace, and can't be guessed."""
    return f"{actor.workspace_id}-{secrets.token_hex(16)}"


def workspace_of(token: str) -> Actor:
    """The server itself in the workspace that the token names, if there is one. Raises `NotFound`."""
    number = token.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFound(record="lead intake", id=token)
    return identity.system_actor(int(number))


def opened(sealed: str) -> str:
    """A secret of the settings. Raises `Unavailable` for one that this server can't read any more."""
    try:
        return sealing.unseal(sealed)
    except sealing.Unreadable:
        logger.error("A secret of the lead settings was sealed with another SECRET_KEY: it has to be set anew")
        raise Unavailable(dependency="secret of this address") from None
