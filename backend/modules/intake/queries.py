"""By which address something comes in, and for which workspace."""

import hmac
from typing import NamedTuple

from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.contacts import queries as contacts
from backend.modules.contacts.models import Contact
from backend.modules.intake.models import InboundMessage
from backend.modules.leads import settings
from backend.modules.leads.models import LeadSettings


class Door(NamedTuple):
    """A workspace's address: who acts there, the server itself, and what was settled about it."""

    actor: Actor
    settings: LeadSettings


def whatsapp(token: str) -> Door:
    """Where WhatsApp messages come in. Raises `NotFound` unless the workspace takes them at this address."""
    door = _door(token)
    if not (door.settings.takes_whatsapp and _is(token, door.settings.whatsapp_token)):
        raise NotFound(record="lead intake", id=token)
    return door


def web_form(token: str) -> Door:
    """Where a web form comes in. Raises `NotFound` unless the workspace takes one at this address."""
    door = _door(token)
    if not (door.settings.web_form and _is(token, door.settings.web_form_token)):
        raise NotFound(record="lead intake", id=token)
    return door


def may_post(token: str, origin: str) -> bool:
    """Whether pages of this origin may send a form to this address."""
    try:
        return origin in web_form(token).settings.web_form_origins
    except NotFound:
        return False


def is_taken(actor: Actor, external_id: str) -> bool:
    return InboundMessage.objects.of(actor).filter(external_id=external_id).exists()


def writer(actor: Actor, *, phone: str, sender: str) -> Contact | None:
    """The contact who has this number, or who wrote as this sender before."""
    if found := contacts.find_by_phone(actor, phone):
        return found
    before = InboundMessage.objects.of(actor).filter(sender=sender).exclude(contact=None)
    last = before.select_related("contact").order_by("-id").first()
    return last.contact if last else None


def _door(token: str) -> Door:
    actor = settings.workspace_of(token)
    return Door(actor, settings.of(actor))


def _is(token: str, stored: str) -> bool:
    return hmac.compare_digest(token.encode(errors="surrogatepass"), stored.encode())
