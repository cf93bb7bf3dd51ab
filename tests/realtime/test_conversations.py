"""What happens in a conversation reaches those who take part, once and in order, whichever way it was written."""

import pytest

from backend.modules.messaging import actions
from backend.modules.messaging.actions import messages as writing
from tests.realtime.served import ask, frame
from tests.realtime.talk import ready, say, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


@pytest.fixture
def group(told, alice, bob) -> int:
    return actions.create(alice.actor, kind="group", title="Casa", participant_ids=[bob.user.pk]).conversation_id


def bearer(person) -> tuple[str, str]:
    return "crisol.v1", f"bearer.{person.token}"


class TestAMessage:
    def test_sent_over_rest_reaches_the_sockets(self, server, alice, bob, group):
        with server.connect(*bearer(bob)) as client:
            assert ready(client) == {group: {"id": group, "seq": 1, "unread": 0}}
            writing.send(alice.actor, group, content="Hola")
            got = frame(client)
            assert (got["type"], got["conversation"], got["seq"]) == ("message.created", group, 2)
            assert got["message"]["content"] == "Hola"
            assert got["message"]["sender"]["email"] == alice.user.email

    def test_sent_over_a_socket_is_answered_and_reaches_the_others(self, server, alice, bob, group):
        with server.enter(bob.token) as his, server.enter(alice.token) as hers, server.enter(alice.token) as second:
            draft = {"type": "message.send", "conversation": group, "content": "Hola", "client_id": "a1"}
            say(hers, **draft, id=1)
            ack = until(hers, "ack")
            assert (ack["id"], ack["seq"], ack["message"]["client_id"]) == (1, 2, "a1")
            for client in (his, second):
                assert frame(client)["message"] == ack["message"]
            say(hers, **draft, id=2)
            assert until(hers, "ack")["message"]["id"] == ack["message"]["id"]

    def test_reaches_nobody_else(self, server, alice, bob, carla, group):
        with server.enter(carla.token) as client:
            writing.send(alice.actor, group, content="Hola")
            answer = ask(client, type="message.send", conversation=group, content="Let me in", id=1)
            assert (answer["type"], answer["code"], answer["id"]) == ("error", "not_found", 1)
            assert ask(client, type="sync", conversation=group, after=0)["code"] == "not_found"
            assert ask(client, type="typing", conversation=group)["code"] == "not_found"
            assert ask(client, type="read", conversation=group, seq=1)["code"] == "not_found"


class TestCatchingUp:
    def test_tells_everything_that_was_missed_in_order(self, server, alice, bob, group):
        for number in range(250):
            writing.send(alice.actor, group, content=str(number))
        with server.enter(bob.token) as client:
            say(client, type="sync", conversation=group, after=1, id="s")
            told = [frame(client) for _ in range(251)]
            assert [each["seq"] for each in told[:-1]] == list(range(2, 252))
            assert [each["message"]["content"] for each in told[:-1]] == [str(number) for number in range(250)]
            assert (told[-1]["type"], told[-1]["id"], told[-1]["seq"]) == ("synced", "s", 251)

    def test_tells_of_changes_by_their_last_place(self, server, alice, bob, group):
        first = writing.send(alice.actor, group, content="one").message_id
        gone = writing.send(alice.actor, group, content="two").message_id
        writing.react(bob.actor, first, kind="like")
        writing.delete(alice.actor, gone)
        with server.enter(bob.token) as client:
            say(client, type="sync", conversation=group, after=3)
            told = [frame(client) for _ in range(3)]
            assert [(each["type"], each["seq"]) for each in told] == [
                ("message.reacted", 4),
                ("message.deleted", 5),
                ("synced", 5),
            ]
            assert told[0]["message"]["reactions"] == [{"user": bob.user.email, "reaction_type": "like"}]
            assert told[1]["message"]["content"] == ""

    def test_from_a_place_beyond_the_end_is_at_the_end(self, server, alice, bob, group):
        with server.enter(bob.token) as client:
            synced = ask(client, type="sync", conversation=group, after=2**63 - 1)
            assert (synced["type"], synced["seq"]) == ("synced", 1)
            writing.send(alice.actor, group, content="Hola")
            assert frame(client)["seq"] == 2


class TestAConversation:
    def test_is_made_known_to_who_is_brought_in(self, server, alice, bob, carla, group):
        writing.send(alice.actor, group, content="before")
        with server.enter(carla.token) as client:
            actions.add_participants(alice.actor, group, participant_ids=[carla.user.pk])
            created = frame(client)
            assert (created["type"], created["conversation"], created["seq"]) == ("conversation.created", group, 3)
            assert created["record"]["title"] == "Casa"
            writing.send(alice.actor, group, content="after")
            assert frame(client)["message"]["content"] == "after"
            actions.remove_participant(carla.actor, group, user_id=carla.user.pk)
            assert frame(client) == {"type": "conversation.left", "conversation": group}
            writing.send(alice.actor, group, content="among us")
            actions.add_participants(alice.actor, group, participant_ids=[carla.user.pk])
            assert frame(client)["type"] == "conversation.created"

    def test_tells_of_reading_and_typing(self, server, alice, bob, group):
        writing.send(alice.actor, group, content="Hola")
        with server.enter(alice.token) as hers, server.enter(bob.token) as his:
            assert ask(his, type="typing", conversation=group, id=3)["id"] == 3
            typing = {"type": "typing", "conversation": group, "user": bob.user.pk, "typing": True}
            assert frame(hers) == typing
            say(his, type="read", conversation=group, seq=2)
            assert frame(hers) == {"type": "read", "conversation": group, "user": bob.user.pk, "seq": 2}
