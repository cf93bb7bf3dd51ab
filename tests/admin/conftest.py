import pytest

from backend.core.actor import Actor
from backend.modules.activities import actions as activities
from backend.modules.attachments import actions as attachments
from backend.modules.contacts import actions as contacts
from backend.modules.contacts.models import Contact
from backend.modules.identity import actions
from backend.modules.notifications import actions as notifications
from backend.modules.opportunities import actions as opportunities
from tests import make, people


@pytest.fixture
def rows(bob, stranger):
    """The same rows in both workspaces."""
    return {"ours": fill(bob), "theirs": fill(stranger)}


@pytest.fixture
def root(client, ours):
    """A browser in which a superuser has logged in."""
    user = actions.create_user(
        Actor.system(ours.pk),
        username="root",
        email="root@example.com",
        password=people.PASSWORD,
        is_staff=True,
        is_superuser=True,
    )
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def staff(client, carla):
    """A browser in which a member of our workspace, who is staff and no superuser, has logged in."""
    carla.user.is_staff = True
    people.writing(carla.workspace.pk, carla.user.save)
    client.force_login(carla.user)
    return client


def fill(person: people.Person) -> Contact:
    """A record of each kind in the person's workspace, with its name in each."""
    name = person.workspace.name
    contact = contacts.create(
        person.actor,
        first_name="Inés",
        last_name=name,
        email=f"{name}@example.com",
        company_name=f"{name} Company",
        assigned_to_id=person.user.pk,
    )
    activities.create(person.actor, contact_id=contact.pk, kind="call", subject=f"{name} call")
    deal = opportunities.create(
        person.actor,
        name=f"{name} deal",
        company_id=contact.company_id,
        contact_id=contact.pk,
        value=100,
        stage="Venta",
    )
    attachments.presign(
        person.actor,
        subject_kind="opportunity",
        subject_id=deal.pk,
        filename=f"{name} offer.pdf",
        content_type="application/pdf",
    )
    notifications.send(
        person.actor,
        key="invitation/1",
        recipient=f"{name}@example.com",
        template="invitation",
        language="en",
        facts={"company": name, "inviter": "", "link": "http://127.0.0.1:8000/", "expires_on": person.actor.today},
        files=[notifications.MailFile(f"{name}.txt", "text/plain", b"Hola")],
    )
    make.notification(person.actor, name=name)
    make.lead(person.actor, contact, sales_notes=f"Call {name}")
    contract = make.contract(person.actor, title=f"{name} lease", client_name=f"{name} Company", contact_id=contact.pk)
    make.payment(person.actor, contract, kind=f"{name} deposit")
    make.note(person.actor, contract, content=f"{name} wants to move in soon")
    friend = people.person(f"friend-of-{name.lower()}", person.workspace)
    talk = make.conversation(person.actor, friend, title=f"{name} talk")
    make.message(person.actor, talk, f"{name} whispers")
    return contact
