"""Who is there is told to those who talk with them, whatever becomes of the process that had their sockets."""

import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.modules.identity import tokens
from backend.modules.messaging import actions as conversations
from backend.modules.messaging.actions import presence as actions
from backend.modules.messaging.models import Connection, Presence
from backend.modules.messaging.presence import IDLE, SILENCE
from backend.modules.messaging.queries import presence as queries
from tests import people
from tests.realtime import served as servers
from tests.realtime.served import PATIENCE, any_frame, ask
from tests.worker.tree import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


@pytest.fixture
def talking(told, alice, bob) -> None:
    conversations.create(alice.actor, kind="direct", participant_ids=[bob.user.pk])


def of(client, who: people.Person) -> str:
    """What the client hears next of the person's presence."""
    while True:
        found = any_frame(client)
        if found["type"] == "presence.changed" and found["user"] == who.user.pk:
            return found["status"]


def heard_until_pong(client) -> list[dict]:
    """All that the client has been told by now."""
    client.send(json.dumps({"type": "ping"}))
    found = [any_frame(client)]
    while found[-1]["type"] != "pong":
        found.append(any_frame(client))
    return found[:-1]


def state(who: people.Person) -> queries.State:
    return queries.own(who.actor)


class TestTheSockets:
    def test_of_a_person_are_one_presence(self, server, talking, alice, bob):
        with server.enter(alice.token) as hers:
            tabs = [server.enter(bob.token), server.enter(bob.token)]
            assert of(hers, bob) == "online"
            tabs[0].close()
            until(lambda: Connection.objects.of(bob.actor).filter(user=bob.user).count() == 1, PATIENCE)
            assert [each for each in heard_until_pong(hers) if each["type"] == "presence.changed"] == []
            assert state(bob).status == "online"
            tabs[1].close()
            assert of(hers, bob) == "offline"
            assert state(bob).status == "offline"

    def test_are_there_when_they_are_ready(self, server, bob):
        for _ in range(5):
            with server.enter(bob.token):
                assert state(bob).status == "online"

    def test_are_not_told_of_a_page_that_is_loaded_anew(self, server, talking, alice, bob):
        with server.enter(alice.token) as hers:
            for _ in range(5):
                with server.enter(bob.token):
                    assert state(bob).status == "online"
            assert of(hers, bob) == "online"
            assert of(hers, bob) == "offline"


class TestAChoice:
    def test_over_a_socket_is_answered_and_told(self, server, talking, alice, bob, carla, stranger):
        clients = [server.enter(who.token) for who in (carla, stranger, alice)]
        with server.enter(bob.token) as his, server.enter(bob.token) as other:
            answer = ask(his, type="presence.set", status="busy", custom_message="En reunión", id=7)
            assert (answer["type"], answer["id"]) == ("ack", 7)
            presence = answer["presence"]
            assert (presence["user"], presence["status"], presence["custom_message"]) == (
                "bob@example.com",
                "busy",
                "En reunión",
            )
            assert [of(clients[-1], bob), of(clients[-1], bob), of(other, bob)] == ["online", "busy", "busy"]
            for client in clients[:-1]:
                assert heard_until_pong(client) == []
            for wrong in ({}, {"status": "ocupado"}, {"custom_message": "x" * 201}):
                assert ask(his, type="presence.set", **wrong)["type"] == "error"
        assert of(clients[-1], bob) == "offline"
        with server.enter(bob.token):
            assert of(clients[-1], bob) == "busy"
            assert state(bob).custom_message == "En reunión"

    def test_over_rest_is_told_as_well(self, server, talking, alice, bob):
        with server.enter(bob.token), server.enter(alice.token) as hers:
            actions.choose(bob.actor, status="offline", is_call=True)
            assert of(hers, bob) == "offline"


def test_who_does_nothing_is_away_until_they_do_something(server, talking, alice, bob):
    def let_five_minutes_pass() -> None:
        before = timezone.now() - IDLE
        [connection] = Connection.objects.of(bob.actor).filter(user=bob.user)
        connection.active_at = before
        connection.save()
        presence = Presence.objects.of(bob.actor).get(user=bob.user)
        presence.due_at = before
        presence.save()

    with server.enter(alice.token) as hers, server.enter(bob.token) as his:
        assert of(hers, bob) == "online"
        people.writing(bob.workspace.pk, let_five_minutes_pass)
        assert of(hers, bob) == "away"
        assert ask(his, type="ping") == {"type": "pong"}
        assert state(bob).status == "away"
        assert ask(his, type="typing", conversation=1)["type"] == "error"
        assert of(hers, bob) == "online"


class TestAProcess:
    def test_that_is_killed_takes_its_people_along_within_a_minute(
        self, server, line, talking, tmp_path, alice, bob, carla, stranger
    ):
        conversations.create(alice.actor, kind="direct", participant_ids=[carla.user.pk])
        outsider, hers = server.enter(stranger.token), server.enter(alice.token)
        with servers.serving(tmp_path, line.url) as dying:
            for token in (bob.token, bob.token, carla.token):
                dying.enter(token)
            stays = server.enter(carla.token)
            assert {of(hers, bob), of(hers, carla)} == {"online"}
            killed, at = time.monotonic(), timezone.now()
            dying.process.kill()
            assert of(hers, bob) == "offline"
            assert time.monotonic() - killed < 60
        assert state(bob).status == "offline"
        assert at - SILENCE < state(bob).last_seen <= at
        assert state(carla).status == "online"
        assert [each for each in heard_until_pong(hers) if each["type"] == "presence.changed"] == []
        assert heard_until_pong(outsider) == []
        until(lambda: Connection.objects.of(bob.actor).filter(user=bob.user).count() == 0, PATIENCE)
        stays.close()

    def test_that_ends_in_order_says_so(self, line, tmp_path, bob):
        with servers.serving(tmp_path, line.url) as ending:
            ending.enter(bob.token)
            assert set(Connection.objects.of(bob.actor).values_list("closed_at")) == {(None,)}
        assert (None,) not in Connection.objects.of(bob.actor).values_list("closed_at")

    def test_that_was_given_up_while_it_lives_says_that_its_people_are_there(self, server, talking, alice, bob):
        with server.enter(alice.token) as hers, server.enter(bob.token):
            assert of(hers, bob) == "online"
            people.writing(bob.workspace.pk, Connection.objects.of(bob.actor).filter(user=bob.user).delete)
            actions.settle(bob.actor, user_ids=[bob.user.pk])
            assert [of(hers, bob), of(hers, bob)] == ["offline", "online"]

    def test_closes_what_it_does_not_know(self, server, alice, bob):
        with server.enter(alice.token):
            [row] = Connection.objects.of(alice.actor)
            lost = row.opened_at - timedelta(hours=1)
            stray = Connection.objects.of(alice.actor).new(
                user=bob.user, process_id=row.process_id, opened_at=lost, active_at=lost
            )
            people.writing(alice.workspace.pk, stray.save)
            until(lambda: state(bob).status == "offline", PATIENCE)


def test_a_person_is_there_in_one_workspace(server, bob, theirs):
    people.join(bob, theirs, "sales")
    there = people.Person(bob.user, theirs)
    with server.enter(tokens.issue(bob.user, theirs.pk).access):
        assert (state(bob).status, state(there).status) == ("offline", "online")
