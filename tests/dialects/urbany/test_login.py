"""POST /api/auth/login/, and GET /api/auth/health/."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from backend.core.actor import Actor
from backend.modules.identity import actions, tokens
from tests import people, stored
from tests.dialects.urbany.entering import details, error, get, log_in, post, send, tokens_of
from tests.monitoring.conftest import database_at  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

NONE_OF_THESE = (401, "Correo o contraseña incorrectos")
DISABLED = (403, "El usuario está desactivado")


class TestLogin:
    def test_answers_as_documented_and_whether_a_code_is_asked_for(self, alice):
        answer = log_in()
        assert answer.status_code == 200, answer.content
        body = answer.json()
        assert list(body) == ["message", "tokens", "user", "two_factor_required"]
        assert list(body["tokens"]) == ["access", "refresh"]
        assert body | {"tokens": None} == {
            "message": "Login exitoso",
            "tokens": None,
            "user": {"id": alice.user.pk, "email": "alice@example.com"},
            "two_factor_required": False,
        }

    def test_gives_a_token_for_every_dialect(self, alice):
        access = tokens_of(log_in())["access"]
        places = ["/api/users/me/", "/api/v1/empresas/", "/v1/accounts", "/api/me/"]
        assert {path: get(path, access).status_code for path in places} == dict.fromkeys(places, 200)

    def test_gives_a_refresh_token_for_the_others(self, alice):
        refresh = {"refresh": tokens_of(log_in())["refresh"]}
        assert send("/api/token/refresh/", refresh).status_code == 200
        assert send("/api/v1/auth/refresh/", refresh).status_code == 200

    @pytest.mark.parametrize("email", ["ALICE@EXAMPLE.COM", "Alice@example.com", " alice@example.com "])
    def test_takes_the_address_in_any_case(self, alice, email):
        assert log_in(email).status_code == 200

    def test_does_not_take_the_user_name(self, alice):
        assert error(log_in("alice")) == NONE_OF_THESE

    def test_does_not_say_whether_address_or_password_is_wrong(self, alice):
        wrong = [log_in(password="wrong"), log_in("nobody@example.com"), log_in(password=people.PASSWORD.upper())]
        assert [error(answer) for answer in wrong] == [NONE_OF_THESE] * 3
        assert wrong[0]["WWW-Authenticate"].startswith("Bearer")

    def test_of_a_deactivated_member_is_403_if_the_password_is_right(self, alice, ours):
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert error(log_in()) == DISABLED
        assert error(log_in(password="wrong")) == NONE_OF_THESE

    def test_of_a_deactivated_user_is_403_if_the_password_is_right(self, alice, ours):
        alice.user.is_active = False
        people.writing(ours.pk, alice.user.save)
        assert error(log_in()) == DISABLED
        assert error(log_in(password="wrong")) == NONE_OF_THESE

    def test_of_a_deleted_user_is_as_of_nobody(self, alice, ours):
        people.person("nora", ours, "user", password=people.PASSWORD)
        nora = log_in("nora@example.com").json()["user"]["id"]
        assert alice.delete(f"/api/users/{nora}/").status_code == 204
        for email in ("nora@example.com", f"deleted {nora}", f" deleted {nora}"):
            assert error(log_in(email)) == NONE_OF_THESE

    def test_is_into_the_oldest_workspace_in_which_they_may_act(self, alice, ours, theirs):
        people.join(alice, theirs, "user")
        assert tokens.read_access(tokens_of(log_in())["access"]).workspace_id == ours.pk
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert tokens.read_access(tokens_of(log_in())["access"]).workspace_id == theirs.pk

    def test_shows_up_as_the_last_login(self, alice):
        assert alice.get("/api/users/me/").json()["last_login"] is None
        log_in(password="wrong")
        assert alice.get("/api/users/me/").json()["last_login"] is None
        log_in()
        last = alice.get("/api/users/me/").json()["last_login"]
        assert last.endswith("Z")
        assert timezone.now() - parse_datetime(last) < timedelta(minutes=1)

    def test_refuses_a_published_password_outside_development(self, ours, settings):
        people.person("admin", ours, "admin", password="admin123")
        assert log_in("admin@example.com", "admin123").status_code == 200
        settings.DEVELOPMENT = False
        assert error(log_in("admin@example.com", "admin123")) == NONE_OF_THESE

    def test_refuses_a_user_without_a_password(self, bob):
        assert error(log_in("bob@example.com", "!")) == NONE_OF_THESE

    def test_that_is_wrong_writes_nothing(self, alice):
        before = stored.of_workspace(alice.workspace.pk)
        log_in(password="wrong")
        log_in("nobody@example.com")
        assert stored.of_workspace(alice.workspace.pk) == before

    @pytest.mark.parametrize("header", ["Bearer ", "Bearer broken", "Basic x"])
    def test_ignores_what_stands_in_the_header(self, alice, header):
        assert log_in(Authorization=header).status_code == 200

    def test_asks_for_both_fields(self, db):
        assert details(post("login", {})) == dict.fromkeys(["email", "password"], ["Este campo es obligatorio."])

    @pytest.mark.parametrize(
        ("field", "value"),
        [("email", ""), ("email", 7), ("email", "a\0"), ("password", ""), ("password", None), ("password", "x" * 4097)],
    )
    def test_names_the_field_that_is_wrong(self, alice, field, value):
        body = {"email": "alice@example.com", "password": people.PASSWORD} | {field: value}
        assert list(details(post("login", body))) == [field]

    @pytest.mark.parametrize("text", ["x" * 100_000, "alice@example.com' OR 1=1 --", "ñandú@example.com", "😀", "%"])
    def test_takes_any_text_for_an_address_of_nobody(self, alice, text):
        assert error(log_in(text)) == NONE_OF_THESE

    @pytest.mark.parametrize("password", ["\0", "ñ\u202e😀", " ", f"{people.PASSWORD}\0", f" {people.PASSWORD}"])
    def test_takes_any_text_for_a_wrong_password(self, alice, password):
        assert error(log_in(password=password)) == NONE_OF_THESE


class TestHealth:
    def test_answers_as_documented(self, client):
        answer = client.get("/api/auth/health/")
        assert (answer.status_code, list(answer.json())) == (200, ["status", "timestamp"])
        assert answer.json()["status"] == "healthy"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", answer.json()["timestamp"])
        assert abs(timezone.now() - parse_datetime(answer.json()["timestamp"])) < timedelta(minutes=1)

    @pytest.mark.parametrize("header", ["Bearer ", "Bearer broken"])
    def test_asks_nobody_who_they_are(self, client, header):
        assert client.get("/api/auth/health/", headers={"Authorization": header}).status_code == 200

    @pytest.mark.timeout(300)
    def test_without_a_database_is_a_503(self, client, database_at, closed):  # noqa: F811
        database_at(closed)
        answer = client.get("/api/auth/health/")
        assert (answer.status_code, list(answer.json())) == (503, ["status", "timestamp"])
        assert answer.json()["status"] == "unhealthy"

    def test_without_redis_is_healthy(self, client, settings, closed):
        settings.REDIS_URL = f"redis://127.0.0.1:{closed}"
        assert client.get("/api/auth/health/").json()["status"] == "healthy"
