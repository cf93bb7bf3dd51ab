"""Records made through the actions, with the fields that a test does not care about filled in."""

import re
from datetime import time
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

import pyotp
from django.core import signing
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from backend.core import sealing
from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.activities import actions as activities
from backend.modules.activities.models import Activity
from backend.modules.attachments import actions as attachments
from backend.modules.attachments.models import Attachment
from backend.modules.companies import actions as companies
from backend.modules.companies.models import Company
from backend.modules.contacts import actions as contacts
from backend.modules.contacts.models import Contact
from backend.modules.contracts import actions as contracts
from backend.modules.contracts.actions import documents as contract_documents
from backend.modules.contracts.actions import notes as contract_notes
from backend.modules.contracts.actions import payments as contract_payments
from backend.modules.contracts.models import Contract, Document, Note, Payment
from backend.modules.exchange import actions as exports
from backend.modules.exchange.models import Export
from backend.modules.identity.actions import api_keys, invitations, passwords, roles
from backend.modules.identity.models import ApiKey, Invitation, Permission, Role, SecondFactor, User
from backend.modules.leads import actions as leads
from backend.modules.leads.models import Lead
from backend.modules.messaging import actions as conversations
from backend.modules.messaging.actions import messages
from backend.modules.notifications import actions as notifications
from backend.modules.notifications.models import Notification, OutboundEmail
from backend.modules.opportunities import actions as opportunities
from backend.modules.opportunities.models import Opportunity, Stage
from backend.modules.scheduling import actions as subscriptions
from backend.modules.scheduling.models import ReportSubscription

_numbers = count(1)


def company(actor: Actor, **fields: Any) -> Company:
    return companies.create(actor, **{"name": f"Company {next(_numbers)}"} | fields)


def contact(actor: Actor, **fields: Any) -> Contact:
    number = next(_numbers)
    defaults = {"first_name": "Lucía", "last_name": f"Quispe {number}", "email": f"lucia{number}@example.com"}
    return contacts.create(actor, **defaults | fields)


def opportunity(actor: Actor, *, stage: str = "prospecto", **fields: Any) -> Opportunity:
    defaults = {"name": f"Deal {next(_numbers)}", "value": Decimal("1000.00"), "currency": "PEN"}
    return opportunities.create(actor, stage=stage, **defaults | fields)


def activity(actor: Actor, **fields: Any) -> Activity:
    return activities.create(actor, **{"kind": "call", "subject": "First call", "description": "Went well"} | fields)


def lead(actor: Actor, of: Contact | None = None, **fields: Any) -> Lead:
    """A lead of the contact, or of a new one, assigned to nobody."""
    return leads.create(actor, **{"contact_id": (of or contact(actor)).pk, "channel": "web"} | fields)


def contract(actor: Actor, **fields: Any) -> Contract:
    """A draft of the actor's."""
    defaults = {
        "title": f"Lease {next(_numbers)}",
        "kind": "lease",
        "client_name": "Empresa ABC S.A.",
        "value": Decimal("50000.00"),
        "commission_rate": Decimal("5.00"),
    }
    return contracts.create(actor, **defaults | fields)


def payment(actor: Actor, of: Contract, **fields: Any) -> Payment:
    defaults = {"kind": "Enganche", "amount": Decimal("500.00"), "due_on": actor.today}
    return contract_payments.add(actor, of.pk, **defaults | fields)


def note(actor: Actor, of: Contract, **fields: Any) -> Note:
    return contract_notes.add(actor, of.pk, **{"content": "Wants to move in soon"} | fields)


def document_upload(actor: Actor, of: Contract, *, content: bytes = b"Hola", **fields: Any) -> str:
    """The key of a file that was announced for the contract and sent to this server, and waits to be registered."""
    file = {"filename": f"file{next(_numbers)}.txt", "content_type": "text/plain"} | fields
    return _sent(contract_documents.presign(actor, of.pk, **file), content)


def document(actor: Actor, of: Contract, *, kind: str = "Contrato", title: str = "", **fields: Any) -> Document:
    key = document_upload(actor, of, **fields)
    return contract_documents.add(actor, of.pk, key=key, kind=kind, title=title or f"Paper {next(_numbers)}")


def role(actor: Actor, **fields: Any) -> Role:
    """A role of the workspace's own, which holds no permission."""
    return action("test.make_role")(lambda here: Role.objects.of(here).create(**fields))(actor)


def permission(actor: Actor, **fields: Any) -> Permission:
    """A permission of the workspace's own, which administrators hold."""
    return roles.create_permission(actor, **fields)


def recovery_token(user: User) -> str:
    """What stands behind the `#` of the link that a user who forgot their password is mailed."""
    claims = {"user": user.pk, "stamp": user.password_stamp, "email": user.email_key}
    return signing.dumps(claims, salt=passwords.SALT)


def without_second_factor(user: User) -> None:
    QuerySet(SecondFactor).filter(user=user).delete()


def code_of(user: User) -> str:
    """The current code of a second factor that is on and has taken no code yet; nothing stands in the ledger."""
    without_second_factor(user)
    secret = pyotp.random_base32()
    factor = SecondFactor(user=user, sealed_secret=sealing.seal(secret), confirmed_at=timezone.now())
    QuerySet(SecondFactor).bulk_create([factor])
    return pyotp.TOTP(secret).now()


def invitation(actor: Actor, **fields: Any) -> tuple[Invitation, str]:
    """An invitation, and the token in the link that was written to the invited."""
    made = invitations.create(actor, **{"email": f"guest{next(_numbers)}@example.com"} | fields)
    email = OutboundEmail.objects.of(actor).get(key=f"invitation/{made.pk}/{made.sent}")
    return made, re.findall(r"/invitation/#(\S+)", email.text)[0]


def api_key(actor: Actor, **fields: Any) -> tuple[ApiKey, str]:
    """A key, and its text."""
    return api_keys.create(actor, **{"name": f"Key {next(_numbers)}"} | fields)


def upload(actor: Actor, to: Opportunity, *, content: bytes = b"Hola", **fields: Any) -> str:
    """The key of a file that was announced for the opportunity and sent to this server, and waits to be confirmed."""
    announced = attachments.presign(
        actor,
        subject_kind=opportunities.SUBJECT,
        subject_id=to.pk,
        **{"filename": f"file{next(_numbers)}.txt", "content_type": "text/plain"} | fields,
    )
    return _sent(announced, content)


def _sent(announced: attachments.Presigned, content: bytes) -> str:
    sent = Client().put(announced.url, content, content_type=announced.headers["Content-Type"])
    assert sent.status_code == 200, sent.content
    return announced.key


def attachment(actor: Actor, to: Opportunity, **fields: Any) -> Attachment:
    return attachments.confirm(actor, key=upload(actor, to, **fields))


def export(actor: Actor, **fields: Any) -> Export:
    """An export of the companies that waits for a worker."""
    return exports.order(actor, **{"source": "sales.empresas", "filters": {}, "format": "csv"} | fields)


def report_subscription(actor: Actor, **fields: Any) -> ReportSubscription:
    """The sales of the last week, each Monday at eight."""
    defaults = {"report": "sales", "parameters": {"period": "last_week"}, "every": "week", "at": time(8)}
    if fields.get("every", "week") == "week":
        defaults["weekday"] = 0
    return subscriptions.create(actor, **defaults | fields)


def notification(actor: Actor, **facts: str) -> Notification:
    """The actor's user is told that a contact is theirs now, in the application and by mail."""
    user = User.objects.get(pk=actor.user_id)
    key, to = f"made/{next(_numbers)}", notifications.Reader(user.pk, user.email, "en")
    told = {"by": "somebody", "subject": "contact", "name": "Lucía", "count": ""} | facts
    notifications.notify(actor, key=key, to=to, kind="assignment", facts=told)
    return Notification.objects.of(actor).get(user=user, key=key)


class Talk(NamedTuple):
    """A conversation, a message in it to which somebody has reacted with `like`, and the key of a file for another."""

    conversation: int
    message: int
    upload: str


def conversation(actor: Actor, *people: Any, kind: str = "group", title: str = "Casa Modelo", **more: Any) -> int:
    """The id of a conversation of the actor's with these people."""
    ids = [each.user.pk for each in people]
    opened = conversations.create(actor, kind=kind, title=title, participant_ids=ids, **more)
    return opened.conversation_id


def message(actor: Actor, conversation_id: int, content: str = "Hola", **more: Any) -> int:
    """The id of a message of the actor's."""
    return messages.send(actor, conversation_id, content=content, **more).message_id


def message_upload(actor: Actor, conversation_id: int, *, content: bytes = b"Hola", **fields: Any) -> str:
    """The key of a file that was announced for the conversation and sent to this server."""
    file = {"filename": f"file{next(_numbers)}.txt", "content_type": "text/plain"} | fields
    return _sent(messages.presign(actor, conversation_id, **file), content)


def talk(actor: Actor, other: Any, *, text: str, title: str) -> Talk:
    """The actor writes to somebody else and likes it."""
    made = conversation(actor, other, title=title)
    sent = message(actor, made, text)
    messages.react(actor, sent, kind="like")
    return Talk(made, sent, message_upload(actor, made, filename=f"{title}.txt"))


def stage(actor: Actor, key: str) -> Stage:
    """The workspace's stage of this key."""
    found: Stage = Stage.objects.of(actor).get(key=key)
    return found


def move(actor: Actor, deal: Opportunity, stage: str) -> Opportunity:
    return opportunities.move(actor, deal.pk, stage=stage)
