"""Messages that come in by WhatsApp."""

import pytest
from django.utils import timezone

from backend.modules.activities.models import Activity
from backend.modules.contacts.models import Contact
from backend.modules.intake.models import InboundMessage
from backend.modules.leads import actions as leads
from backend.modules.leads.models import Lead
from backend.modules.ledger.models import Entry
from tests import make, stored
from tests.modules.intake.sending import deliver, delivery, message

pytestmark = pytest.mark.django_db

NUMBER = "51987654321"


@pytest.fixture
def receive(door):
    """Deliver messages, of which each call has to be taken."""

    def receive(*messages, **more):
        answer = deliver(door.whatsapp_token, delivery(*messages, **more))
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"}), answer.content

    return receive


def counts(who) -> tuple[int, int, int]:
    """Of contacts, leads and activities."""
    return tuple(model.objects.of(who.actor).count() for model in (Contact, Lead, Activity))


class TestSomebodyUnknown:
    def test_becomes_a_client_with_a_lead_that_has_the_text(self, receive, alice):
        receive(message("wamid.1", NUMBER, "¿Cuánto cuesta el techo?"))
        contact, lead = Contact.objects.of(alice.actor).get(), Lead.objects.of(alice.actor).get()
        assert (contact.first_name, contact.last_name) == ("Juan", "Pérez")
        assert contact.phone == contact.phone_key == "+51987654321"
        assert (lead.contact_id, lead.channel, lead.status) == (contact.pk, "whatsapp", "new")
        assert (lead.sales_notes, lead.assigned_to_id, lead.created_by_id) == ("¿Cuánto cuesta el techo?", None, None)
        assert counts(alice) == (1, 1, 0)

    def test_is_found_and_shown_over_the_dialect(self, receive, alice):
        receive(message("wamid.1", NUMBER, "techo nuevo"))
        found = alice.get("/clients/by-phone/987 654 321").json()
        assert [lead["channel"] for lead in found["leads"]] == ["whatsapp"]
        assert alice.get("/leads?q=techo").headers["X-Total-Count"] == "1"

    def test_is_written_by_the_server_in_the_ledger(self, receive, alice):
        receive(message("wamid.1", NUMBER))
        entries = Entry.objects.of(alice.actor).filter(table__in=["contacts", "leads", "inbound_messages"])
        assert set(entries.values_list("username", flat=True)) == {"system"}
        assert entries.count() == 3

    def test_without_a_name_is_called_by_the_number(self, receive, alice):
        receive(message("wamid.1", NUMBER), name=None)
        assert Contact.objects.of(alice.actor).get().first_name == "+51987654321"

    def test_who_writes_from_mexico_has_the_number_that_is_dialled(self, receive, alice):
        receive(message("wamid.1", "5215512345678"))
        assert Contact.objects.of(alice.actor).get().phone_key == "+525512345678"

    def test_with_a_number_that_can_not_be_claimed_is_known_again(self, receive, alice):
        receive(message("wamid.1", "15550001234"), message("wamid.2", "15550001234", "Otra vez"))
        contact = Contact.objects.of(alice.actor).get()
        assert (contact.phone, contact.phone_key) == ("+15550001234", None)
        assert counts(alice) == (1, 1, 1)

    def test_who_keeps_the_number_to_themselves_is_known_again(self, receive, alice):
        for number in ("1", "2"):
            receive(message(f"wamid.{number}", "") | {"from_user_id": "PE.1234567"})
        assert counts(alice) == (1, 1, 1)
        assert Contact.objects.of(alice.actor).get().phone == ""


class TestAClient:
    @pytest.fixture
    def client_of_ours(self, alice):
        return make.contact(alice.actor, phone="987-654-321")

    def test_with_an_open_lead_gets_an_activity(self, receive, alice, client_of_ours):
        lead = leads.create(alice.actor, contact_id=client_of_ours.pk, channel="instagram", status="quoted")
        receive(message("wamid.1", NUMBER, "¿Y con instalación?"))
        assert counts(alice) == (1, 1, 1)
        activity = Activity.objects.of(alice.actor).get()
        assert (activity.contact_id, activity.kind, activity.subject) == (client_of_ours.pk, "note", "WhatsApp")
        assert (activity.description, activity.occurs_at.timestamp()) == ("¿Y con instalación?", 1_794_000_000)
        assert InboundMessage.objects.of(alice.actor).get().lead_id == lead.pk

    @pytest.mark.parametrize("ended", ["closed", "discarded"])
    def test_without_an_open_lead_gets_an_activity_and_a_lead(self, receive, alice, client_of_ours, ended):
        leads.create(alice.actor, contact_id=client_of_ours.pk, status=ended, channel="web")
        receive(message("wamid.1", NUMBER, "Otra obra"))
        assert counts(alice) == (1, 2, 1)
        assert Lead.objects.of(alice.actor).order_by("id").last().sales_notes == "Otra obra"

    def test_keeps_the_name_that_we_gave(self, receive, alice, client_of_ours):
        receive(message("wamid.1", NUMBER), name="juancito 🎉")
        assert Contact.objects.of(alice.actor).get().last_name == client_of_ours.last_name

    def test_who_was_deleted_is_somebody_unknown(self, receive, alice):
        receive(message("wamid.1", NUMBER))
        lead = Lead.objects.of(alice.actor).get()
        alice.patch(f"/leads/{lead.pk}/status", {"status": "discarded"})
        assert alice.delete(f"/clients/{Contact.objects.of(alice.actor).get().pk}").status_code == 204
        receive(message("wamid.2", NUMBER))
        assert counts(alice) == (1, 2, 0)


class TestTheSameMessageAgain:
    def test_changes_nothing(self, receive, alice):
        receive(message("wamid.1", NUMBER))
        before = stored.of_workspace(alice.workspace.pk)
        receive(message("wamid.1", NUMBER))
        receive(message("wamid.1", NUMBER), message("wamid.1", NUMBER))
        assert stored.of_workspace(alice.workspace.pk) == before

    def test_under_another_sender_changes_nothing(self, receive, alice):
        receive(message("wamid.1", NUMBER))
        before = stored.of_workspace(alice.workspace.pk)
        receive(message("wamid.1", "51911111111"))
        assert stored.of_workspace(alice.workspace.pk) == before


class TestADelivery:
    def test_may_have_several_messages(self, receive, alice):
        receive(message("wamid.1", NUMBER, "uno"), message("wamid.2", NUMBER, "dos"), message("wamid.3", "51911111111"))
        assert counts(alice) == (2, 2, 1)
        assert Activity.objects.of(alice.actor).get().description == "dos"

    def test_loses_none_because_of_a_bad_one(self, receive, alice):
        bad = [7, {}, {"id": "wamid.9"}, message("", NUMBER), message("x" * 300, NUMBER), message("wamid.8", "9" * 300)]
        receive(message("wamid.1", NUMBER), *bad, message("wamid.2", "51911111111"))
        assert counts(alice) == (2, 2, 0)

    @pytest.mark.parametrize(
        "value",
        [
            {"messages": None, "statuses": [{"id": "wamid.1", "status": "read", "recipient_id": NUMBER}]},
            {"messages": [message("wamid.1", NUMBER, type="reaction", reaction={"emoji": "👍"})]},
            {"messages": [message("wamid.1", NUMBER, type="system", system={"body": "changed"})]},
            {"messages": "many"},
            {"metadata": None},
        ],
    )
    def test_without_a_message_is_acknowledged_and_nothing_more(self, receive, alice, value):
        with stored.nothing_written():
            receive(message("wamid.1", NUMBER), **value)

    def test_to_another_number_of_the_business_is_acknowledged_and_nothing_more(self, receive):
        with stored.nothing_written():
            receive(message("wamid.1", NUMBER), to="999")

    @pytest.mark.parametrize(
        "payload", [{}, [], 7, None, {"entry": [None, {"changes": 3}]}, {"entry": {"changes": []}}]
    )
    def test_of_another_shape_is_acknowledged_and_nothing_more(self, door, payload):
        with stored.nothing_written():
            assert deliver(door.whatsapp_token, payload).status_code == 200


class TestWhatWasWritten:
    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"type": "button", "button": {"text": "Sí, quiero", "payload": "yes"}}, "Sí, quiero"),
            (
                {
                    "type": "interactive",
                    "interactive": {
                        "type": "list_reply",
                        "list_reply": {"id": "1", "title": "Techo", "description": "2"},
                    },
                },
                "Techo 2",
            ),
            ({"type": "image", "image": {"id": "1", "caption": "Mi techo"}}, "[image] Mi techo"),
            ({"type": "document", "document": {"filename": "plano.pdf"}}, "[document] plano.pdf"),
            ({"type": "audio", "audio": {"id": "1", "voice": True}}, "[audio]"),
            (
                {"type": "location", "location": {"latitude": -12.1, "longitude": -77, "name": "Obra"}},
                "[location] Obra, -12.1, -77",
            ),
            ({"type": "contacts", "contacts": [{"name": {"formatted_name": "Ana"}}]}, "[contacts] Ana"),
            ({"type": "order", "order": {"product_items": []}}, "[order]"),
            ({"type": "unsupported", "errors": [{"code": 131051}]}, "[unsupported]"),
            ({"type": "text", "text": {"body": "a\0b"}}, "ab"),
            ({"type": "text", "text": None}, "[text]"),
            ({"type": "text", "text": {"body": "x" * 30_000}}, "x" * 20_000),
        ],
    )
    def test_is_kept_as_words(self, receive, alice, fields, text):
        receive(message("wamid.1", NUMBER) | fields)
        assert Lead.objects.of(alice.actor).get().sales_notes == text

    @pytest.mark.parametrize("moment", ["", "soon", "-5", "0", "99999999999", "9" * 40, None, 1.5, "٣"])
    def test_at_no_possible_moment_was_written_now(self, receive, alice, moment):
        make.contact(alice.actor, phone=f"+{NUMBER}")
        begun = timezone.now()
        receive(message("wamid.1", NUMBER, timestamp=moment))
        assert begun <= Activity.objects.of(alice.actor).get().occurs_at <= timezone.now()
