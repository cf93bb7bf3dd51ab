"""`manage.py unlock WHOM`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests import people

pytestmark = pytest.mark.django_db

HERE = "203.0.113.9"


def log_in(username="alice", password=people.PASSWORD):
    body = {"username": username, "password": password}
    return Client().post("/api/token/", body, content_type="application/json", REMOTE_ADDR=HERE).status_code


def unlock(whom: str) -> str:
    said = StringIO()
    call_command("unlock", whom, stdout=said)
    return said.getvalue().strip()


class TestUnlock:
    @pytest.mark.parametrize("whom", ["alice", "ALICE", "alice@example.com"])
    def test_lets_a_user_in_at_once_by_either_name(self, alice, throttled, whom):
        wrong = [log_in(password="wrong") for _ in range(4)]
        assert (wrong[-1], log_in()) == (429, 429)
        assert unlock(whom) == f"{whom} may try again."
        assert log_in() == 200

    def test_leaves_others_out(self, alice, throttled):
        for _ in range(3):
            log_in(password="wrong")
        assert unlock("bob") == "Nothing was held against bob."
        assert log_in() == 429

    def test_lets_an_address_in(self, alice, throttled):
        for which in range(6):
            log_in(f"user{which}")
        assert log_in() == 429
        assert unlock(HERE) == f"{HERE} may try again."
        assert log_in() == 200

    def test_says_so_where_redis_does_not_answer(self, db, throttled):
        throttled.REDIS_URL = "unix:///nowhere/to/be/found.sock"
        with pytest.raises(CommandError, match="redis does not answer"):
            unlock("alice")
