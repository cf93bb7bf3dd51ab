"""POST /api/token/, POST /api/token/refresh/, GET /api/me/."""

import jwt
import pytest
from django.conf import settings

from backend.core.actor import Actor
from backend.modules.identity import actions, tokens
from tests import people

pytestmark = pytest.mark.django_db

WRONG = {"detail": "No active account found with the given credentials"}


def log_in(client, username="alice", password=people.PASSWORD):
    body = {"username": username, "password": password}
    return client.post("/api/token/", body, content_type="application/json")


def refresh(client, token):
    return client.post("/api/token/refresh/", {"refresh": token}, content_type="application/json")


class TestObtainTokenPair:
    def test_answers_an_access_and_a_refresh_token(self, client, alice):
        answer = log_in(client)
        assert answer.status_code == 200
        assert list(answer.json()) == ["access", "refresh"]

    def test_gives_a_token_that_opens_the_api(self, client, alice):
        access = log_in(client).json()["access"]
        answer = client.get("/api/me/", headers={"Authorization": f"Bearer {access}"})
        assert answer.json()["username"] == "alice"

    def test_puts_user_workspace_and_time_into_the_token(self, client, alice, ours):
        access = log_in(client).json()["access"]
        claims = jwt.decode(access, settings.SECRET_KEY, ["HS256"], issuer="crisol")
        assert (int(claims["user_id"]), claims["workspace_id"]) == (alice.user.pk, ours.pk)
        assert {"jti", "iat", "exp", "second_factor_owed"} <= set(claims)

    def test_has_no_password_in_the_token(self, client, alice):
        payload = jwt.decode(log_in(client).json()["access"], settings.SECRET_KEY, ["HS256"], issuer="crisol")
        assert alice.user.password not in str(payload)

    def test_takes_the_user_name_in_any_case(self, client, alice):
        assert log_in(client, username="ALICE").status_code == 200

    @pytest.mark.parametrize(
        ("username", "password"),
        [("alice", "wrong"), ("nobody", people.PASSWORD), ("alice", people.PASSWORD.upper()), ("alice", "x" * 4096)],
    )
    def test_does_not_say_which_of_the_two_is_wrong(self, client, alice, username, password):
        answer = log_in(client, username, password)
        assert (answer.status_code, answer.json()) == (401, WRONG)

    def test_refuses_a_user_without_a_password(self, client, bob):
        assert log_in(client, "bob", "").status_code == 400
        assert log_in(client, "bob", "!").json() == WRONG

    def test_refuses_a_deactivated_member(self, client, alice, ours):
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert log_in(client).json() == WRONG

    def test_refuses_a_published_password_outside_development(self, client, ours, settings):
        people.person("admin", ours, "admin", password="admin123")
        assert log_in(client, "admin", "admin123").status_code == 200
        settings.DEVELOPMENT = False
        assert log_in(client, "admin", "admin123").json() == WRONG

    def test_asks_for_both_fields(self, client, db):
        answer = client.post("/api/token/", {}, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json() == {"username": ["This field is required."], "password": ["This field is required."]}

    def test_ignores_a_broken_token_in_the_header(self, client, alice):
        body = {"username": "alice", "password": people.PASSWORD}
        answer = client.post(
            "/api/token/", body, content_type="application/json", headers={"Authorization": "Bearer broken"}
        )
        assert answer.status_code == 200


class TestRefreshAccessToken:
    def test_answers_a_new_access_token_alone(self, client, alice):
        answer = refresh(client, log_in(client).json()["refresh"])
        assert answer.status_code == 200
        assert list(answer.json()) == ["access"]
        access = answer.json()["access"]
        assert client.get("/api/me/", headers={"Authorization": f"Bearer {access}"}).status_code == 200

    def test_refuses_what_is_no_refresh_token(self, client, alice):
        for token in ("broken", "a.b.c", alice.token, "ñ"):
            answer = refresh(client, token)
            assert (answer.status_code, answer.json()) == (401, {"detail": "Token is invalid or expired"})

    def test_refuses_the_token_of_a_deactivated_member(self, client, alice, ours):
        token = log_in(client).json()["refresh"]
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert refresh(client, token).status_code == 401

    def test_refuses_a_token_from_before_a_new_password(self, client, alice, ours):
        token = log_in(client).json()["refresh"]
        actions.set_password(Actor.system(ours.pk), alice.user.pk, password="another horse battery")
        assert refresh(client, token).status_code == 401

    def test_keeps_owing_a_second_factor(self, client, alice, ours):
        owing = tokens.RefreshToken(tokens.issue(alice.user, ours.pk).refresh)
        owing["second_factor_owed"] = True
        answer = refresh(client, str(owing))
        if answer.status_code == 200:
            access = answer.json()["access"]
            answer = client.get("/api/me/", headers={"Authorization": f"Bearer {access}"})
        assert answer.status_code == 401

    def test_asks_for_the_token(self, client, db):
        answer = client.post("/api/token/refresh/", {}, content_type="application/json")
        assert (answer.status_code, answer.json()) == (400, {"refresh": ["This field is required."]})


class TestCurrentUser:
    def test_answers_the_five_documented_fields(self, alice):
        assert alice.get("/api/me/").json() == {
            "id": alice.user.pk,
            "username": "alice",
            "email": "alice@example.com",
            "first_name": "Alice",
            "last_name": "Example",
        }
        assert list(alice.get("/api/me/").json()) == ["id", "username", "email", "first_name", "last_name"]
