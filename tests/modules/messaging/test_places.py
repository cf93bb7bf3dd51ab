"""Everything that happens in a conversation has a place of its own, and is told of from there on."""

import pytest

from backend.modules.messaging import actions, queries
from backend.modules.messaging.actions import messages as writing
from backend.modules.messaging.actions import reading
from backend.modules.messaging.queries import changes, messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(alice, bob, carla) -> int:
    people = [bob.user.pk, carla.user.pk]
    return actions.create(alice.actor, kind="group", title="Casa Modelo", participant_ids=people).conversation_id


def send(who, conversation_id: int, content: str) -> int:
    return writing.send(who.actor, conversation_id, content=content).message_id


class TestAPlace:
    def test_belongs_to_each_thing_that_happens(self, alice, bob, group):
        first, _ = send(alice, group, "one"), send(bob, group, "two")
        writing.react(bob.actor, first, kind="like")
        writing.edit(alice.actor, first, content="uno")
        found = changes.since(alice.workspace.pk, group, 0)
        assert found is not None
        assert found.concerns_conversation
        assert [(row["seq"], row["changed_seq"], row["content"]) for row in found.messages] == [
            (2, 5, "uno"),
            (3, 3, "two"),
        ]
        assert (found.head, found.upto) == (5, 5)

    def test_of_a_change_is_told_to_who_knows_the_message(self, alice, bob, group):
        first = send(alice, group, "one")
        send(bob, group, "two")
        writing.react(bob.actor, first, kind="like")
        found = changes.since(alice.workspace.pk, group, 2)
        assert found is not None
        assert not found.concerns_conversation
        assert [(row["seq"], row["changed_seq"], row["is_reaction_last"]) for row in found.messages] == [
            (2, 4, True),
            (3, 3, False),
        ]


class TestReading:
    def test_is_noted_on_a_message_when_the_last_of_the_others_has(self, alice, bob, carla, group):
        by_alice, by_bob = send(alice, group, "one"), send(bob, group, "two")
        reading.mark_read(bob.actor, group)
        assert messages.get(alice.actor, by_alice)["read_at"] is None
        reading.mark_read(carla.actor, group)
        assert messages.get(alice.actor, by_alice)["read_at"] is not None
        assert messages.get(alice.actor, by_bob)["read_at"] is None  # alice has not
        assert queries.get(alice.actor, group)["unread"] == 1
