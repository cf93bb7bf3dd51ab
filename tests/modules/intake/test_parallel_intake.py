"""What comes in at the same moment, often more than once."""

import random
from collections import Counter

import pytest

from backend.core.actor import Actor
from backend.modules.activities.models import Activity
from backend.modules.contacts.models import Contact
from backend.modules.intake.models import InboundMessage
from backend.modules.leads.models import Lead
from tests import make, people
from tests.modules.intake import sending
from tests.modules.intake.sending import deliver, delivery, form, message, submit
from tests.test_parallel import at_once

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]


def rows(here: Actor, *models: type) -> list[int]:
    return [model.objects.of(here).count() for model in models]


@pytest.fixture
def here(ours) -> Actor:
    return Actor.system(ours.pk)


class TestAHundredDeliveriesEachSentThreeTimes:
    def test_make_a_hundred_clients_and_leads_shared_out_evenly(self, ours, here):
        five = [people.person(f"seller{number}", ours, "sales").user.pk for number in range(5)]
        token = sending.set_up(ours.pk, round_robin=True).whatsapp_token
        sent = [which for which in range(100) for _ in range(3)]
        random.Random(5).shuffle(sent)  # noqa: S311

        def send(place: int) -> int:
            which = sent[place]
            return deliver(token, delivery(message(f"wamid.{which}", f"519876{which:05}"))).status_code

        assert Counter(at_once(300, send)) == {200: 300}
        assert rows(here, Contact, Lead, InboundMessage, Activity) == [100, 100, 100, 0]
        assert Contact.objects.of(here).exclude(phone_key=None).count() == 100
        assert set(Lead.objects.of(here).values_list("channel", flat=True)) == {"whatsapp"}
        assert Counter(Lead.objects.of(here).values_list("assigned_to_id", flat=True)) == dict.fromkeys(five, 20)


class TestOneMessage:
    def test_sent_many_times_at_once_counts_once(self, ours, here):
        token = sending.set_up(ours.pk).whatsapp_token
        payload = delivery(message("wamid.1", "51987654321"))
        assert Counter(at_once(18, lambda which: deliver(token, payload).status_code)) == {200: 18}
        assert rows(here, Contact, Lead, InboundMessage, Activity) == [1, 1, 1, 0]

    def test_under_many_senders_at_once_counts_once(self, ours, here):
        token = sending.set_up(ours.pk).whatsapp_token

        def send(which: int) -> int:
            return deliver(token, delivery(message("wamid.1", f"5198765{which:04}"))).status_code

        assert Counter(at_once(12, send)) == {200: 12}
        assert rows(here, Contact, Lead, InboundMessage) == [1, 1, 1]


class TestOnePerson:
    @pytest.mark.parametrize("number", ["51987654321", "15550001234"], ids=["with a claim", "without one"])
    def test_who_writes_many_times_at_once_is_one_client_with_one_lead(self, ours, here, number):
        token = sending.set_up(ours.pk).whatsapp_token
        answers = at_once(18, lambda which: deliver(token, delivery(message(f"wamid.{which}", number))).status_code)
        assert Counter(answers) == {200: 18}
        assert rows(here, Contact, Lead, InboundMessage, Activity) == [1, 1, 18, 17]

    def test_who_is_known_and_has_no_open_lead_gets_one(self, ours, here):
        token = sending.set_up(ours.pk).whatsapp_token
        make.contact(here, phone="+51987654321")
        at_once(12, lambda which: deliver(token, delivery(message(f"wamid.{which}", "51987654321"))))
        assert rows(here, Contact, Lead, Activity) == [1, 1, 12]

    def test_who_writes_everywhere_at_once_is_one_client_with_one_lead(self, ours, here):
        settings = sending.set_up(ours.pk, round_robin=True)
        people.person("seller", ours, "sales")

        def send(which: int) -> int:
            if which % 2:
                return submit(settings.web_form_token, form()).status_code
            return deliver(settings.whatsapp_token, delivery(message(f"wamid.{which}", "51987654321"))).status_code

        assert Counter(at_once(24, send)) == {200: 24}
        assert rows(here, Contact, Lead, Activity) == [1, 1, 23]
