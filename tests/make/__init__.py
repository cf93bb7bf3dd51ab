"""Records made through the actions, with the fields that a test does not care about filled in."""

import re
from decimal import Decimal
from itertools import count
from typing import Any

from django.test import Client

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
from backend.modules.identity.actions import api_keys, invitations
from backend.modules.identity.models import ApiKey, Invitation, Role
from backend.modules.notifications.models import OutboundEmail
from backend.modules.opportunities import actions as opportunities
from backend.modules.opportunities.models import Opportunity

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


def role(actor: Actor, **fields: Any) -> Role:
    """A role of the workspace's own, which holds no permission."""
    return action("test.make_role")(lambda here: Role.objects.of(here).create(**fields))(actor)


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
    sent = Client().put(announced.url, content, content_type=announced.headers["Content-Type"])
    assert sent.status_code == 200, sent.content
    return announced.key


def attachment(actor: Actor, to: Opportunity, **fields: Any) -> Attachment:
    return attachments.confirm(actor, key=upload(actor, to, **fields))
