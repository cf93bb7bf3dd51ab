"""Taking in what strangers and clients write: by WhatsApp, and on a web page."""

import hmac
import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from backend.core import throttling, turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.constraints import violates
from backend.core.errors import DomainError, Fault, Malformed, NotFound
from backend.core.folding import split_name
from backend.modules.activities import actions as activities
from backend.modules.activities.models import Kind
from backend.modules.contacts import actions as contacts
from backend.modules.contacts import phones
from backend.modules.contacts import queries as contact_queries
from backend.modules.contacts.models import Contact
from backend.modules.identity import queries as identity
from backend.modules.identity.models import Language
from backend.modules.intake import errors, queries, whatsapp
from backend.modules.intake.models import InboundMessage
from backend.modules.intake.queries import Door
from backend.modules.leads import actions as leads
from backend.modules.leads import settings as lead_settings
from backend.modules.leads.models import Channel, Lead
from backend.modules.leads.permissions import ADD

WEB_FORM = "web_form"  # what is throttled
THANKS = {
    Language.SPANISH: "Gracias por escribirnos. Le responderemos pronto.",
    Language.ENGLISH: "Thank you for writing to us. You will hear from us soon.",
}
TRIES = 5  # at a contact that others make and delete at the same time

logger = logging.getLogger(__name__)


def check_verify_token(door: Door, given: str) -> None:
    """Raises `WrongVerifyToken` unless it is the workspace's."""
    expected = lead_settings.opened(door.settings.sealed_verify_token)
    if not hmac.compare_digest(expected.encode(), given.encode(errors="surrogatepass")):
        raise errors.WrongVerifyToken


def check_signature(door: Door, body: bytes, signature: str) -> None:
    """Raises `WrongSignature` unless the body was signed with the secret of the workspace's app."""
    if not whatsapp.is_signed(body, signature, lead_settings.opened(door.settings.sealed_app_secret)):
        raise errors.WrongSignature


def take_delivery(door: Door, delivery: Any) -> None:
    """Take in every message of a delivery to the workspace's number, each for itself.

    One that is refused is logged and does not keep the others out. A database that does not answer ends it; what is in
    by then stays, and is passed over when the delivery comes again.
    """
    for message in whatsapp.messages(delivery, phone_number_id=door.settings.whatsapp_phone_number_id):
        try:
            take_message(door.actor, message=message)
        except DomainError as refusal:
            logger.error("WhatsApp message %s was refused: %s %s", message.id, refusal.code, refusal.facts)
        except IntegrityError as error:
            if not violates(error, InboundMessage, "inbound_messages_once"):
                raise


@action("intake.take_message", needs=ADD)
def take_message(actor: Actor, *, message: whatsapp.Message) -> Lead | None:
    """A WhatsApp message becomes a client and a lead, if nobody known wrote it, and else an activity of who did.

    A known client without an open lead gets a new one as well. None for a message that was taken in before; raises
    `IntegrityError` for one that somebody else takes in at this moment.
    """
    turns.take(actor.workspace_id, f"whatsapp {message.sender}")
    if queries.is_taken(actor, message.id):
        return None
    for _ in range(TRIES):
        contact = queries.writer(actor, phone=message.phone, sender=message.sender)
        try:
            lead = _receive(actor, contact, Channel.WHATSAPP, message.text, name=message.name, phone=message.phone)
        except (contacts.PhoneTaken, NotFound):  # somebody else has just made, or deleted, the contact
            continue
        if contact is not None:
            _note(actor, contact, "WhatsApp", message.text, message.sent_at)
        InboundMessage.objects.of(actor).create(
            external_id=message.id, sender=message.sender, contact_id=lead.contact_id, lead=lead
        )
        return lead
    raise NotFound(record="contact", id=message.sender)


def check_form(token: str, origin: str | None) -> Door:
    """The address that a form was sent to, once counted among those that were.

    Raises `TooManyAttempts`, `NotFound` and, for a page that is none of the workspace's, `OriginNotAllowed`.
    """
    limits = throttling.Limits(settings.WEB_FORM_PER_FORM, settings.WEB_FORM_PER_ADDRESS)
    throttling.attempt(WEB_FORM, token, within=limits)
    door = queries.web_form(token)
    if origin is not None and origin not in door.settings.web_form_origins:
        raise errors.OriginNotAllowed(origin=origin)
    return door


def thanks(door: Door) -> str:
    """What who sent a form is told."""
    return door.settings.web_form_thanks or THANKS[Language(identity.workspace(door.actor).language)]


@action("intake.take_form", needs=ADD)
def take_form(actor: Actor, *, name: str, phone: str, email: str, message: str) -> None:
    """What was written on a web page becomes a client and a lead, or an activity, as a WhatsApp message does.

    A client is known by the phone, or else by the address. Raises `InvalidPhone`, and `Malformed` for a form that lacks
    what the workspace insists on, or both a phone and an address.
    """
    _check_complete(actor, phone=phone, email=email, message=message)
    number = phones.e164(phone, actor.region)
    if phone and number is None:
        raise contacts.InvalidPhone(value=phone)
    for _ in range(TRIES):
        contact = contact_queries.find_by_phone(actor, phone) or contact_queries.find_by_email(actor, email)
        try:
            _receive(actor, contact, Channel.WEB, message, name=name, phone=number or "", email=email)
        except (contacts.PhoneTaken, contacts.EmailTaken, NotFound):
            continue
        if contact is not None:
            said = "\n".join(filter(None, (" · ".join(filter(None, (name, number, email))), message)))
            _note(actor, contact, "Web", said, timezone.now())
        return
    raise NotFound(record="contact", id=number or email)


def _receive(
    actor: Actor, contact: Contact | None, channel: Channel, text: str, *, name: str, phone: str, email: str = ""
) -> Lead:
    """The lead that it is about, of a contact who is made if there is none."""
    if contact is None:
        first, last = split_name(name)
        claims: list[contacts.Claim] = ["phone"] if phones.e164(phone, actor.region) else ["email"] if email else []
        contact = contacts.create(
            actor, must_be_free=claims, first_name=first, last_name=last, phone=phone, email=email
        )
    return leads.receive(actor, contact.pk, channel=channel, text=text)


def _note(actor: Actor, contact: Contact, subject: str, text: str, at: datetime) -> None:
    activities.create(actor, kind=Kind.NOTE, subject=subject, description=text, contact_id=contact.pk, occurs_at=at)


def _check_complete(actor: Actor, **given: str) -> None:
    required = set(lead_settings.of(actor).web_form_required)
    if not (given["phone"] or given["email"] or required & {"phone", "email"}):
        required.add("phone")
    if missing := [name for name, value in given.items() if name in required and not value]:
        raise Malformed([Fault(("body", name), "required", {}) for name in missing])
