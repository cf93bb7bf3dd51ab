"""Logins and registrations of this dialect that are too many."""

import pytest
from django.test import Client

from backend.modules.identity.models import User
from tests import people

pytestmark = pytest.mark.django_db

HERE, THERE = "203.0.113.9", "198.51.100.1"
STRONG = "tres tristes tigres 3"


def post(name, body, address=HERE, **headers):
    path = f"/api/v1/auth/{name}/"
    return Client().post(path, body, content_type="application/json", REMOTE_ADDR=address, headers=headers)


def log_in(username="alice", password="wrong", address=HERE):
    return post("login", {"username": username, "password": password}, address)


def register(username, address=HERE, **more):
    headers = more.pop("headers", {})
    body = {"nombre_completo": "Ana Pérez", "username": username, "email": f"{username}@example.com"}
    return post("register", body | {"password": STRONG, "password_confirm": STRONG} | more, address, **headers)


def refused(answer):
    seconds = int(answer["Retry-After"])
    assert 1 <= seconds <= 60
    assert answer.status_code == 429
    assert answer.json() == {
        "success": False,
        "error": {
            "code": "TOO_MANY_ATTEMPTS",
            "message": f"Demasiados intentos: vuelva a intentarlo en {seconds} s",
            "details": {},
        },
    }
    return True


class TestLogin:
    @pytest.mark.parametrize("username", ["alice", "nobody"])
    def test_is_refused_in_the_dialect_s_shape(self, alice, throttled, username):
        assert [log_in(username).status_code for _ in range(3)] == [401] * 3
        assert refused(log_in(username))
        assert refused(log_in(username, people.PASSWORD))

    def test_counts_together_with_that_of_the_other_dialects(self, alice, throttled):
        for _ in range(3):
            log_in()
        body = {"username": "alice", "password": people.PASSWORD}
        assert Client().post("/api/token/", body, content_type="application/json").status_code == 429

    def test_counts_once(self, alice, throttled):
        assert [log_in(password=people.PASSWORD).status_code for _ in range(8)] == [200] * 8


class TestRegister:
    @pytest.fixture(autouse=True)
    def is_open(self, throttled):
        throttled.REGISTRATION = "open"

    def test_is_refused_after_so_many_from_one_address_also_if_they_succeed(self, ours):
        assert [register(f"ana{which}").status_code for which in range(6)] == [201] * 6
        assert refused(register("ana6"))
        assert not User.objects.filter(username="ana6").exists()
        assert register("ana6", THERE).status_code == 201

    def test_tells_only_so_often_which_names_are_taken(self, alice):
        assert [register("alice", THERE).status_code for _ in range(3)] == [400] * 3
        assert refused(register("alice", HERE))

    def test_that_is_refused_leaves_logins_alone(self, alice):
        for which in range(7):
            register(f"ana{which}")
        assert log_in(password=people.PASSWORD).status_code == 200

    def test_by_who_may_create_users_is_not_counted(self, alice):
        headers = {"Authorization": f"Bearer {alice.token}"}
        made = [register(f"ana{which}", headers=headers).status_code for which in range(8)]
        assert made == [201] * 8

    def test_by_invitation_only_is_closed_however_often_it_is_asked(self, ours, throttled):
        throttled.REGISTRATION = "invite"
        assert [register("ana").status_code for _ in range(8)] == [403] * 8
