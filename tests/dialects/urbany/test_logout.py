"""POST /api/auth/logout/."""

import pytest

from backend.core.actor import Actor
from backend.modules.identity import actions, tokens
from tests import credentials, make, people
from tests.dialects.urbany.entering import details, error, get, log_in, post, send, tokens_of

pytestmark = pytest.mark.django_db

REFRESHES = ["/api/v1/auth/refresh/", "/api/token/refresh/"]
REFUSED = {"refresh": ["El token de refresco no es válido, ya se revocó o es de otro usuario"]}


def log_out(token, refresh, **headers):
    return post("logout", {"refresh": refresh}, token, **headers)


def refreshed(refresh):
    return {path: send(path, {"refresh": refresh}).status_code for path in REFRESHES}


@pytest.fixture
def pair(alice):
    return tokens_of(log_in())


class TestLogout:
    def test_answers_as_documented(self, pair):
        answer = log_out(pair["access"], pair["refresh"])
        assert (answer.status_code, answer.json()) == (200, {"message": "Logout exitoso"})

    def test_ends_the_refresh_token_in_every_dialect(self, pair):
        assert refreshed(pair["refresh"]) == dict.fromkeys(REFRESHES, 200)
        log_out(pair["access"], pair["refresh"])
        assert refreshed(pair["refresh"]) == dict.fromkeys(REFRESHES, 401)

    def test_ends_that_of_another_dialect_too(self, alice):
        opened = send("/api/token/", {"username": "alice", "password": people.PASSWORD}).json()
        assert log_out(opened["access"], opened["refresh"]).status_code == 200
        assert refreshed(opened["refresh"]) == dict.fromkeys(REFRESHES, 401)

    def test_ends_no_other_session(self, pair):
        other = tokens_of(log_in())
        log_out(pair["access"], pair["refresh"])
        assert refreshed(other["refresh"]) == dict.fromkeys(REFRESHES, 200)
        assert log_in().status_code == 200

    def test_leaves_the_access_token_until_it_expires(self, pair):
        log_out(pair["access"], pair["refresh"])
        assert get("/api/users/me/", pair["access"]).status_code == 200

    def test_twice_is_a_400(self, pair):
        log_out(pair["access"], pair["refresh"])
        assert details(log_out(pair["access"], pair["refresh"])) == REFUSED

    def test_twice_with_one_idempotency_key_is_answered_as_before(self, pair):
        answers = [log_out(pair["access"], pair["refresh"], Idempotency_Key="one") for _ in range(2)]
        assert [(answer.status_code, answer.content) for answer in answers] == [(200, answers[0].content)] * 2
        assert answers[1]["Idempotent-Replay"] == "true"

    def test_of_somebody_else_is_a_400_and_leaves_them_logged_in(self, pair, bob, stranger):
        assert details(log_out(bob.token, pair["refresh"])) == REFUSED
        assert details(log_out(stranger.token, pair["refresh"])) == REFUSED
        assert refreshed(pair["refresh"]) == dict.fromkeys(REFRESHES, 200)

    def test_with_the_access_token_is_a_400(self, pair):
        assert details(log_out(pair["access"], pair["access"])) == REFUSED
        assert get("/api/users/me/", pair["access"]).status_code == 200

    @pytest.mark.parametrize("garbage", ["x", "not.a.token", "ñandú", "a.b.c.d", "😀" * 5000, "' OR 1=1 --"])
    def test_with_garbage_is_a_400(self, alice, garbage):
        assert details(log_out(alice.token, garbage)) == REFUSED

    def test_with_a_token_of_another_signature_is_a_400(self, alice):
        assert details(log_out(alice.token, credentials.signed_by_somebody_else(alice))) == REFUSED

    @pytest.mark.parametrize("value", ["", " ", None, 7, [], "\0"])
    def test_with_no_text_names_the_field(self, alice, value):
        assert list(details(log_out(alice.token, value))) == ["refresh"]

    def test_without_the_field_names_it(self, alice):
        assert details(post("logout", {}, alice.token)) == {"refresh": ["Este campo es obligatorio."]}

    def test_needs_a_login(self, pair):
        assert error(post("logout", {"refresh": pair["refresh"]})) == (401, "Se requiere un token de acceso")
        assert refreshed(pair["refresh"]) == dict.fromkeys(REFRESHES, 200)

    def test_is_nothing_for_an_api_key(self, alice, pair):
        _, key = make.api_key(alice.actor)
        assert error(log_out(key, pair["refresh"])) == (403, "No tiene permiso para realizar esta acción")
        assert refreshed(pair["refresh"]) == dict.fromkeys(REFRESHES, 200)

    def test_ends_a_session_in_another_workspace_of_the_same_person(self, alice, theirs):
        people.join(alice, theirs, "user")
        there = tokens.issue(alice.user, theirs.pk)
        assert log_out(alice.token, there.refresh).status_code == 200
        assert refreshed(there.refresh) == dict.fromkeys(REFRESHES, 401)

    def test_of_who_was_deactivated_meanwhile_is_a_401(self, alice, pair, ours):
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert log_out(pair["access"], pair["refresh"]).status_code == 401
        assert refreshed(pair["refresh"]) == dict.fromkeys(REFRESHES, 401)
