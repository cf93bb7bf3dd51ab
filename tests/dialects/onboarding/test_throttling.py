"""POST /api/token/ answers 429 after too many wrong passwords, whether or not there is such a user."""

import pytest
from django.test import Client

from backend.core import throttling
from backend.core.actor import Actor
from backend.env import networks
from backend.modules.identity import actions, throttles
from tests import people
from tests.test_parallel import at_once

HERE, THERE = "203.0.113.9", "198.51.100.1"


def log_in(username="alice", password="wrong", address=HERE):
    body = {"username": username, "password": password}
    return Client().post("/api/token/", body, content_type="application/json", REMOTE_ADDR=address)


def statuses(times: int, *arguments: str) -> list[int]:
    return [log_in(*arguments).status_code for _ in range(times)]


@pytest.mark.django_db
class TestLogin:
    def test_is_refused_as_django_rest_framework_does_it(self, alice, throttled, broker):
        assert statuses(3) == [401] * 3
        broker.pexpire(throttling.account_key(throttles.LOGIN, "alice"), 59_900)
        answer = log_in()
        seconds = answer["Retry-After"]
        assert 1 <= int(seconds) <= 60
        assert answer.status_code == 429
        assert answer.json() == {"detail": f"Request was throttled. Expected available in {seconds} seconds."}

    def test_looks_at_no_password_meanwhile(self, alice, throttled):
        statuses(3)
        assert log_in(password=people.PASSWORD).status_code == 429

    def test_of_nobody_is_answered_alike(self, alice, throttled):
        throttled.THROTTLE_PER_ADDRESS = 0
        known = [log_in("alice") for _ in range(5)]
        unknown = [log_in("nobody") for _ in range(5)]
        assert [answer.status_code for answer in known] == [401, 401, 401, 429, 429]
        for one, other in zip(known, unknown, strict=True):
            assert one.status_code == other.status_code
            assert set(one.headers) == set(other.headers)
            assert set(one.json()) == set(other.json())
            assert ("Retry-After" in one) == (one.status_code == 429)

    def test_asks_the_database_nothing_meanwhile(self, alice, throttled, django_assert_num_queries):
        statuses(3)
        with django_assert_num_queries(0):
            statuses(1)

    def test_with_the_right_password_begins_anew(self, alice, throttled):
        statuses(2)
        assert log_in(password=people.PASSWORD).status_code == 200
        assert statuses(4) == [401, 401, 401, 429]

    def test_of_others_goes_on(self, alice, stranger, throttled):
        actions.set_password(Actor.system(stranger.workspace.pk), stranger.user.pk, password=people.PASSWORD)
        statuses(4)
        assert log_in("stranger", people.PASSWORD).status_code == 200

    def test_does_not_touch_who_is_logged_in(self, alice, throttled):
        token = alice.token
        statuses(4)
        headers = {"Authorization": f"Bearer {token}"}
        assert Client().get("/api/me/", headers=headers, REMOTE_ADDR=HERE).status_code == 200

    def test_can_be_refreshed_all_the_time(self, alice, throttled):
        refresh = log_in(password=people.PASSWORD).json()["refresh"]
        statuses(4)
        body = {"refresh": refresh}
        sent = [Client().post("/api/token/refresh/", body, content_type="application/json") for _ in range(10)]
        assert [answer.status_code for answer in sent] == [200] * 10

    def test_is_refused_from_an_address_that_tried_too_many_names(self, alice, throttled):
        assert [log_in(f"user{which}").status_code for which in range(6)] == [401] * 6
        assert log_in(password=people.PASSWORD).status_code == 429
        assert log_in(password=people.PASSWORD, address=THERE).status_code == 200

    def test_is_counted_by_what_the_trusted_proxy_says(self, alice, throttled):
        def forwarded(client, username):
            headers = {"X-Forwarded-For": client}
            body = {"username": username, "password": "wrong"}
            return Client().post("/api/token/", body, content_type="application/json", headers=headers).status_code

        throttled.TRUSTED_PROXIES = networks("TRUSTED_PROXIES", "127.0.0.1")
        assert [forwarded(HERE, f"user{which}") for which in range(7)] == [401] * 6 + [429]
        assert forwarded(THERE, "user7") == 401

    def test_works_without_redis(self, alice, throttled):
        throttled.REDIS_URL = "unix:///nowhere/near.sock"
        assert statuses(10) == [401] * 10
        assert log_in(password=people.PASSWORD).status_code == 200


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestFiftyWrongPasswordsAtOnce:
    def test_are_looked_at_three_times(self, alice, throttled):
        throttled.THROTTLE_PER_ADDRESS = 0
        found = sorted(at_once(50, lambda which: log_in(password=f"wrong{which}").status_code))
        assert found == [401] * 3 + [429] * 47

    def test_of_fifty_names_are_looked_at_six_times(self, alice, throttled):
        found = sorted(at_once(50, lambda which: log_in(f"user{which}").status_code))
        assert found == [401] * 6 + [429] * 44
