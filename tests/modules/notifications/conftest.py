from datetime import date

import pytest

from backend.modules.notifications import actions, tasks
from backend.modules.notifications.models import OutboundEmail
from tests import people

LINK = "http://127.0.0.1:8000/invitation?token=s3cr3t-t0k3n"
FACTS = {"company": "Ñandú & Co", "inviter": "Alice <b>", "link": LINK, "expires_on": date(2026, 11, 28)}


@pytest.fixture
def write(alice):
    """Write an invitation, in alice's workspace or in another."""

    def write(actor=None, **given) -> OutboundEmail:
        facts = FACTS | given.pop("facts", {})
        defaults = {
            "key": "invitation/1",
            "recipient": "maria@example.com",
            "template": "invitation",
            "language": "es",
        }
        return actions.send(actor or alice.actor, facts=facts, **defaults | given)

    return write


@pytest.fixture
def deliver():
    """Let a worker deliver the mail, and give its row as it is then."""

    def deliver(email: OutboundEmail) -> OutboundEmail:
        tasks.deliver(email.workspace_id, email.pk)
        email.refresh_from_db()
        return email

    return deliver


@pytest.fixture
def change():
    """Set what only time or another worker sets."""

    def change(email: OutboundEmail, **fields) -> OutboundEmail:
        for name, value in fields.items():
            setattr(email, name, value)
        people.writing(email.workspace_id, email.save)
        return email

    return change
