"""Who gets a websocket, and when they lose it."""

import contextlib
from datetime import timedelta

import pyotp
import pytest
from ninja_jwt.tokens import AccessToken
from websockets.exceptions import ConnectionClosed, InvalidStatus

from backend.core.actor import Actor
from backend.modules.identity import actions, authentication, tokens
from backend.modules.identity.actions import passwords, second_factors, users
from tests import make, people
from tests.realtime.served import ask, close_code, frame

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

REFUSED = 4401


def lasting(person: people.Person, seconds: float) -> str:
    """An access token of the person's that ends so soon."""
    token = AccessToken(person.token)
    token.set_exp(lifetime=timedelta(seconds=seconds))
    return str(token)


class TestAnOpenSocket:
    def test_is_had_with_a_token_among_the_subprotocols(self, server, alice):
        with server.connect("crisol.v1", f"bearer.{alice.token}") as client:
            assert client.subprotocol == "crisol.v1"
            user = {"id": alice.user.pk, "username": "alice", "name": "Alice Example"}
            assert frame(client) == {"type": "ready", "user": user, "conversations": []}

    def test_is_had_with_a_token_in_the_first_frame(self, server, alice):
        for subprotocols in ([], ["crisol.v1"]):
            with server.connect(*subprotocols) as client:
                assert ask(client, type="auth", token=alice.token)["type"] == "ready"

    def test_repeats_the_id_of_what_it_answers(self, server, alice):
        with server.enter(alice.token) as client:
            assert ask(client, type="ping") == {"type": "pong"}
            assert ask(client, type="ping", id="a") == {"type": "pong", "id": "a"}
            assert ask(client, type="ping", id=7) == {"type": "pong", "id": 7}


class TestWhoHasNoGoodToken:
    def test_is_closed_out(self, server, alice, bob, carla):
        passwords.set_password(alice.actor, bob.user.pk, password=people.PASSWORD)  # which bob has to change
        bob.user.refresh_from_db()
        pair = tokens.issue(alice.user, alice.workspace.pk)
        bearers = {
            "wrong": "nonsense",
            "empty": "",
            "expired": lasting(alice, -1),
            "a refresh token": pair.refresh,
            "an API key": make.api_key(alice.actor)[1],
            "a second factor owed": tokens.issue(carla.user, carla.workspace.pk, second_factor_owed=True).access,
            "a password change owed": bob.token,
        }
        clients = {name: server.connect("crisol.v1", f"bearer.{token}") for name, token in bearers.items()}
        clients["none within five seconds"] = server.connect("crisol.v1")
        clients["only in the address"] = server.connect("crisol.v1", path=f"/ws/?token={alice.token}")
        clients["another frame first"] = server.connect("crisol.v1")
        clients["another frame first"].send('{"type": "ping"}')
        assert {name: close_code(client) for name, client in clients.items()} == dict.fromkeys(clients, REFUSED)

    def test_is_refused_the_handshake_elsewhere(self, server, alice):
        credentials = ("crisol.v1", f"bearer.{alice.token}")
        for elsewhere in ({"path": "/ws/other/"}, {"origin": "https://elsewhere.example"}):
            with pytest.raises(InvalidStatus) as refused:
                server.connect(*credentials, **elsewhere)
            assert refused.value.response.status_code == 403


class TestWhoMayNoLongerBeHere:
    def test_is_closed_out_within_seconds_and_not_let_in_again(self, server, alice, bob, carla, dario, ours):
        pair = tokens.issue(alice.user, ours.pk)
        visitor = people.person("visitor", ours, "sales")
        bearers = {
            "logged out": pair.access,
            "deactivated": bob.token,
            "with an old password": carla.token,
            "without a membership": dario.token,
            "with a second factor turned on": visitor.token,
        }
        clients = {name: server.enter(token) for name, token in bearers.items()}
        stays = server.enter(alice.token)  # logged in a second time

        authentication.log_out(alice.actor, pair.refresh)
        actions.set_active(alice.actor, bob.user.pk, is_active=False)
        passwords.set_password(carla.actor, carla.user.pk, password="another horse battery")
        users.delete(alice.actor, dario.user.pk)
        enrolment = second_factors.set_up(visitor.actor)
        second_factors.verify(visitor.actor, pyotp.TOTP(enrolment.secret).now())

        assert {name: close_code(client) for name, client in clients.items()} == dict.fromkeys(clients, REFUSED)
        again = {name: server.connect("crisol.v1", f"bearer.{token}") for name, token in bearers.items()}
        assert {name: close_code(client) for name, client in again.items()} == dict.fromkeys(clients, REFUSED)
        assert ask(stays, type="ping") == {"type": "pong"}
        stays.close()

    def test_is_closed_out_when_their_token_ends(self, server, alice):
        for seconds in (8, 40, 200):  # as long as a busy machine needs to let them in at all
            client = server.connect("crisol.v1", f"bearer.{lasting(alice, seconds)}")
            with contextlib.suppress(ConnectionClosed):
                assert frame(client)["type"] == "ready"
                break
        assert close_code(client) == REFUSED


class TestWhatAPersonIsTold:
    def test_arrives_at_all_their_sockets_in_that_workspace_and_nowhere_else(self, server, told, alice, bob, stranger):
        theirs = stranger.workspace.pk
        users.join(Actor.system(theirs), alice.user.pk, role_ids=[])
        abroad = tokens.issue(alice.user, theirs).access
        tabs = [server.enter(alice.token), server.enter(alice.token)]
        others = [server.enter(bob.token), server.enter(stranger.token), server.enter(abroad)]

        told(alice.workspace.pk, alice.user.pk, {"type": "hello", "text": "señal 1"})
        told(alice.workspace.pk, alice.user.pk, {"type": "hello", "text": "señal 2"})
        told(theirs, alice.user.pk, {"type": "hello", "text": "abroad"})
        told(alice.workspace.pk, bob.user.pk, {"type": "hello", "text": "bob's"})
        told(theirs, stranger.user.pk, {"type": "hello", "text": "the stranger's"})

        for tab in tabs:
            assert [frame(tab)["text"], frame(tab)["text"]] == ["señal 1", "señal 2"]
        assert [frame(other)["text"] for other in others] == ["bob's", "the stranger's", "abroad"]
        for client in (*tabs, *others):  # whatever else was sent before this would come before its answer
            assert ask(client, type="ping") == {"type": "pong"}
            client.close()

    def test_arrives_as_soon_as_the_socket_says_that_it_is_ready(self, server, told, alice):
        for number in range(20):
            with server.enter(alice.token) as client:
                told(alice.workspace.pk, alice.user.pk, {"type": "hello", "number": number})
                assert frame(client)["number"] == number
