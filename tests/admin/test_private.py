"""What people write to each other is shown to nobody in the admin: neither in a page nor by what a search finds."""

import pytest

from backend.modules.ledger.models import Entry
from backend.modules.messaging.actions import messages
from backend.modules.messaging.models import Conversation, Message
from tests import make
from tests.admin.pages import address, last_of

MASKED = "********"


@pytest.fixture
def edited(bob, rows):
    """The id of a message of bob's that said something else before."""
    talk = Conversation.objects.of(bob.actor).get()
    sent = make.message(bob.actor, talk.pk, "Ours confession")
    messages.edit(bob.actor, sent, content="Ours excuse")
    return sent


class TestAMessage:
    def test_is_listed_without_its_text(self, root, edited):
        for page in (address(Message), address(Message, edited, "change"), address(Message, edited, "history")):
            text = root.get(page).content.decode()
            assert "excuse" not in text
            assert "confession" not in text
        assert "Ours talk" in root.get(address(Message, edited, "change")).content.decode()

    def test_is_not_in_its_conversation_s_page(self, root, edited, ours):
        text = root.get(address(Conversation, last_of(Conversation, ours), "change")).content.decode()
        assert "Ours talk" in text
        assert "excuse" not in text

    @pytest.mark.parametrize("term", ["excuse", "ours excuse", "whispers"])
    def test_is_not_found_by_its_text(self, root, edited, term):
        assert not root.get(address(Message), {"q": term}).context["cl"].queryset.exists()

    @pytest.mark.parametrize("lookup", ["content__startswith", "search_text__contains"])
    def test_can_t_be_guessed(self, root, edited, lookup):
        assert root.get(address(Message), {lookup: "O"}).status_code == 400


class TestTheLedger:
    def test_says_that_a_message_changed_and_not_what_it_says(self, root, bob, edited):
        entries = Entry.objects.of(bob.actor).filter(table="messages", record_id=edited)
        assert [entry.verb for entry in entries.order_by("id")] == ["message.created", "message.updated"]
        for entry in entries:
            assert "content" in entry.new
            text = root.get(address(Entry, entry.pk, "change")).content.decode()
            assert MASKED in text
            assert "confession" not in text
            assert "excuse" not in text

    def test_keeps_what_it_said_before(self, bob, edited):
        entry = Entry.objects.of(bob.actor).filter(table="messages", record_id=edited).latest("id")
        assert (entry.old["content"], entry.new["content"]) == ("Ours confession", "Ours excuse")

    @pytest.mark.parametrize("lookup", ["new__content__startswith", "old__content__startswith", "new__icontains"])
    def test_can_t_be_guessed(self, root, edited, lookup):
        assert root.get(address(Entry), {lookup: "O"}).status_code == 400

    def test_of_other_records_shows_everything(self, root, rows, ours):
        text = root.get(address(Entry, _entry_of(rows["ours"]), "change")).content.decode()
        assert "Inés" in text


def _entry_of(contact) -> int:
    return Entry.across_workspaces.get(table="contacts", record_id=contact.pk, verb="contact.created").pk
