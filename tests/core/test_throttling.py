"""What is counted, per account and per address, and what happens when redis is not there."""

import logging
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.test import RequestFactory

from backend.core import addresses, throttling
from backend.core.errors import TooManyAttempts
from tests import redis_server

HERE, THERE = "203.0.113.9", "198.51.100.1"


@contextmanager
def calling_from(address: str):
    token = addresses.current.set(RequestFactory().get("/", REMOTE_ADDR=address).META)
    try:
        yield
    finally:
        addresses.current.reset(token)


def fail(times: int, account: str = "alice", address: str = HERE, kind: str = "login") -> None:
    with calling_from(address):
        for _ in range(times):
            throttling.attempt(kind, account)


def succeed(account: str = "alice", address: str = HERE) -> None:
    with calling_from(address):
        throttling.attempt("login", account).succeeded()


def seconds(account: str = "alice", address: str = HERE, kind: str = "login") -> int:
    """How long to wait."""
    with pytest.raises(TooManyAttempts) as refused:
        fail(1, account, address, kind)
    return refused.value.facts["seconds"]


class TestAnAccount:
    def test_may_fail_as_often_as_the_limit_says(self, throttled):
        fail(3)
        assert 0 < seconds() <= throttled.THROTTLE_SECONDS

    def test_is_the_same_from_everywhere_and_in_any_case(self, throttled):
        for address, spelling in ((HERE, "alice"), (THERE, "ALICE"), ("2001:db8::1", " Alice ")):
            fail(1, spelling, address)
        assert seconds(address="192.0.2.1") > 0

    def test_is_not_another_one(self, throttled):
        fail(3)
        fail(3, "bob")

    def test_begins_anew_with_a_success(self, throttled):
        fail(2)
        succeed()
        fail(3)
        assert seconds() > 0

    def test_is_not_let_in_by_another_one_s_success(self, throttled):
        fail(3)
        succeed("bob")
        assert seconds() > 0

    def test_that_cannot_log_in_can_still_do_what_counts_for_itself(self, throttled):
        fail(3)
        fail(1, kind="recovery")

    def test_without_a_limit_may_fail_for_ever(self, throttled):
        throttled.THROTTLE_PER_ACCOUNT = throttled.THROTTLE_PER_ADDRESS = 0
        fail(30)

    def test_counts_outside_of_requests_too(self, throttled):
        for _ in range(3):
            throttling.attempt("login", "alice")
        with pytest.raises(TooManyAttempts):
            throttling.attempt("login", "alice")


class TestAnAddress:
    def test_may_fail_as_often_as_the_limit_says_whatever_the_accounts(self, throttled):
        for which in range(6):
            fail(1, f"user{which}")
        assert seconds("somebody else") > 0
        fail(1, "somebody else", THERE)

    def test_counts_no_successes(self, throttled):
        for _ in range(20):
            succeed()
        fail(3)

    def test_keeps_its_failures_after_a_success(self, throttled):
        fail(5, "")
        succeed()
        fail(1, "")
        assert seconds("") > 0

    def test_of_ipv6_is_the_whole_network(self, throttled):
        for which in range(6):
            fail(1, "", f"2001:db8::{which}")
        assert seconds("", "2001:db8::ffff") > 0
        fail(1, "", "2001:db8:0:1::1")

    def test_without_a_limit_leaves_that_of_the_account(self, throttled):
        throttled.THROTTLE_PER_ADDRESS = 0
        for which in range(20):
            fail(1, f"user{which}")
        fail(3)
        assert seconds() > 0

    def test_that_is_refused_for_an_account_is_counted_no_further(self, throttled):
        fail(3)
        for _ in range(20):
            assert seconds() > 0
        fail(3, "bob")


class TestAWindow:
    def test_ends(self, throttled, broker):
        fail(3)
        key = throttling.account_key("login", "alice")
        assert 0 < broker.pttl(key) <= throttled.THROTTLE_SECONDS * 1000
        broker.pexpire(key, 10)
        wait(lambda: fail(1))

    def test_is_told_in_whole_seconds(self, throttled, broker):
        fail(3)
        broker.pexpire(throttling.account_key("login", "alice"), 20_500)
        assert 1 <= seconds() <= 21
        assert isinstance(seconds(), int)

    def test_is_not_prolonged_by_who_goes_on_trying(self, throttled, broker):
        fail(3)
        key = throttling.account_key("login", "alice")
        broker.pexpire(key, 30_000)
        assert seconds() <= 30
        assert broker.pttl(key) <= 30_000

    def test_is_set_for_every_counter(self, throttled, broker):
        fail(2)
        succeed("bob")
        assert all(broker.pttl(key) > 0 for key in broker.scan_iter())


class TestRedis:
    def test_knows_neither_names_nor_addresses(self, throttled, broker):
        fail(1, "alice@example.com")
        keys = b" ".join(broker.scan_iter())
        assert len(keys.split()) == 2
        assert b"alice" not in keys
        assert HERE.encode() not in keys

    def test_that_is_not_there_keeps_nobody_out_and_is_mentioned_once(self, throttled, caplog):
        throttled.REDIS_URL = "unix:///nowhere/at/all.sock"
        fail(30)
        succeed()
        assert [record.levelname for record in caplog.records] == ["WARNING"]

    @pytest.mark.timeout(30)
    def test_that_does_not_answer_is_waited_for_once(self, throttled, deaf, caplog):
        throttled.REDIS_URL = f"redis://127.0.0.1:{deaf}"
        fail(30)
        assert len(caplog.records) == 1

    def test_that_is_not_there_lets_nobody_forget(self, throttled):
        throttled.REDIS_URL = "unix:///nowhere/else.sock"
        assert throttling.forget(throttling.account_key("login", "alice")) is None

    def test_that_was_restarted_unnoticed_counts_on(self, throttled, caplog):
        with TemporaryDirectory(prefix="crisol-") as folder:
            socket = Path(folder) / "redis.sock"
            throttled.REDIS_URL = f"unix://{socket}"
            for _ in range(2):
                with redis_server.serving(socket):
                    fail(3)
                    assert seconds() > 0
        assert caplog.records == []

    def test_that_comes_back_counts_again(self, throttled, monkeypatch, caplog):
        monkeypatch.setattr(throttling, "QUIET", 0.0)
        caplog.set_level(logging.INFO, logger="backend.core.throttling")
        with TemporaryDirectory(prefix="crisol-") as folder:
            socket = Path(folder) / "redis.sock"
            throttled.REDIS_URL = f"unix://{socket}"
            with redis_server.serving(socket):
                fail(3)
            fail(5)
            with redis_server.serving(socket):
                fail(3)
                assert seconds() > 0
        assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def wait(until) -> None:
    """Try until it works, for ten seconds at most."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return until()
        except TooManyAttempts:
            assert time.monotonic() < deadline
            time.sleep(0.1)
