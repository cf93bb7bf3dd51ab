"""One phone, one client: whoever creates or changes at once."""

from collections import Counter

import pytest
from django.test import Client

from backend.modules.contacts.models import Contact
from backend.modules.leads.models import Lead
from backend.modules.ledger.models import Entry
from tests import make
from tests.test_parallel import at_once

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]

SPELLINGS = ["+584123456789", "+58 412 345 67 89", "+58 (412) 345-6789", "0058 412 3456789", "+58.412.345.6789"]


@pytest.fixture
def call(alice):
    """A request of alice's from any thread."""
    bearer = {"Authorization": f"Bearer {alice.token}"}

    def call(method, path, body):
        return getattr(Client(), method)(path, body, content_type="application/json", headers=bearer)

    return call


def juan(which):
    return {"contact_name": f"Juan Pérez {which}", "phone": SPELLINGS[which % 4 if which % 4 != 3 else 4]}


class TestOnePhone:
    def test_of_fifty_creations_is_one_client_s(self, alice, call):
        answers = at_once(50, lambda which: call("post", "/clients", juan(which)))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
        assert {str(answer.json()) for answer in answers if answer.status_code == 409} == {
            "{'detail': 'A contact with the phone +584123456789 already exists.'}"
        }
        assert Contact.objects.of(alice.actor).get().phone == "+584123456789"
        assert Entry.objects.of(alice.actor).filter(verb="contact.created").count() == 1

    def test_is_created_or_changed_to_and_not_both(self, alice, call):
        others = [make.contact(alice.actor) for _ in range(12)]

        def take(which):
            if which % 2:
                return call("post", "/clients", juan(which))
            return call("patch", f"/clients/{others[which // 2].pk}", {"phone": SPELLINGS[0]})

        answers = at_once(24, take)
        assert Counter(answer.status_code for answer in answers if answer.status_code == 409) == {409: 23}
        assert [answer.status_code for answer in answers if answer.status_code != 409][0] in (200, 201)
        assert Contact.objects.of(alice.actor).filter(phone_key="+584123456789").count() == 1

    def test_that_another_dialect_gives_to_several_is_no_error(self, alice, call):
        def create(which):
            if which % 2:
                return call("post", "/clients", juan(which))
            body = {"first_name": "Juan", "last_name": "Pérez", "email": f"juan{which}@example.com"}
            return call("post", "/api/clients/", body | {"phone": SPELLINGS[0]})

        answers = at_once(24, create)
        assert {answer.status_code for answer in answers[::2]} == {201}
        assert {answer.status_code for answer in answers[1::2]} <= {201, 409}
        assert Contact.objects.of(alice.actor).filter(phone_key="+584123456789").count() == 1


class TestOneLead:
    def test_keeps_the_time_of_its_first_contact(self, alice, call):
        lead = make.lead(alice.actor)
        statuses = ["contacted", "quoted", "new"]
        answers = at_once(18, lambda which: call("patch", f"/leads/{lead.pk}/status", {"status": statuses[which % 3]}))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["contacted_at"] for answer in answers} - {None}) == 1

    def test_comes_or_its_client_goes(self, alice, call):
        contact = make.contact(alice.actor)

        def act(which):
            if which == 9:
                return call("delete", f"/clients/{contact.pk}", None)
            return call("post", "/leads", {"client_id": contact.pk})

        answers = at_once(18, act)
        made = Counter(answer.status_code for answer in answers[:9] + answers[10:])
        if answers[9].status_code == 204:
            assert made.keys() <= {409, 422}
            assert not Lead.objects.of(alice.actor).exists()
        else:
            assert answers[9].status_code == 409
            assert made == {201: 17}
