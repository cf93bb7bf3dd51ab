"""Logins, own passwords and accepted invitations of this dialect that are too many."""

import pytest
from django.test import Client

from backend.core.actor import Actor
from backend.modules.identity import actions
from tests import make, people
from tests.dialects.accounts.access import STRONG, accept, error, log_in, post

pytestmark = pytest.mark.django_db

CHANGE = "/v1/users/change-password"


def refused(answer):
    seconds = int(answer["Retry-After"])
    assert 1 <= seconds <= 60
    assert error(answer) == (429, "TOO_MANY_ATTEMPTS")
    assert answer.json()["error"]["message"] == f"Demasiados intentos: vuelva a intentarlo en {seconds} s"
    return True


def change(who, current=people.PASSWORD, **headers):
    body = {"currentPassword": current, "newPassword": STRONG}
    return post(CHANGE, body, Authorization=f"Bearer {who.token}", **headers)


class TestLogin:
    @pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
    def test_is_refused_in_the_dialect_s_shape(self, alice, ours, throttled, email):
        assert [log_in(ours, email, "wrong").status_code for _ in range(3)] == [401] * 3
        assert refused(log_in(ours, email, "wrong"))
        assert refused(log_in(ours, email))

    def test_counts_for_every_company_together(self, alice, ours, theirs, throttled):
        for place in (ours, theirs, ours):
            log_in(place, password="wrong")
        assert refused(log_in(theirs, password="wrong"))

    def test_by_the_name_of_another_dialect_is_another_account(self, alice, ours, throttled):
        for _ in range(3):
            log_in(ours, password="wrong")
        body = {"username": "alice", "password": people.PASSWORD}
        assert Client().post("/api/token/", body, content_type="application/json").status_code == 200

    def test_is_possible_again_with_a_password_that_an_administrator_set(
        self, alice, ours, throttled, django_capture_on_commit_callbacks
    ):
        for _ in range(3):
            log_in(ours, password="wrong")
        with django_capture_on_commit_callbacks(execute=True):
            actions.set_password(Actor.system(ours.pk), alice.user.pk, password=STRONG)
        assert log_in(ours, password=STRONG).status_code == 200


class TestChangePassword:
    def test_is_refused_after_too_many_wrong_ones(self, alice, throttled):
        assert [change(alice, "wrong").status_code for _ in range(3)] == [400] * 3
        assert refused(change(alice, "wrong"))
        assert refused(change(alice))

    def test_counts_those_with_an_idempotency_key_too(self, alice, throttled):
        wrong = [change(alice, "wrong", Idempotency_Key="one").status_code for _ in range(4)]
        assert wrong == [400, 400, 400, 429]

    def test_is_possible_while_somebody_else_tries_to_log_in(self, alice, ours, throttled):
        for _ in range(4):
            log_in(ours, password="wrong")
        assert change(alice).status_code == 200

    def test_of_others_goes_on(self, alice, stranger, throttled):
        throttled.THROTTLE_PER_ADDRESS = 0
        for _ in range(4):
            change(alice, "wrong")
        assert change(stranger, "wrong").status_code == 400


class TestAcceptInvitation:
    def test_is_refused_after_so_many_from_one_address(self, ours, throttled):
        assert [accept(f"token{which}").status_code for which in range(6)] == [404] * 6
        assert refused(accept("token6"))

    def test_counts_those_that_succeed(self, alice, throttled):
        tokens = [make.invitation(alice.actor, email=f"new{which}@example.com")[1] for which in range(7)]
        assert [accept(token).status_code for token in tokens[:6]] == [201] * 6
        assert refused(accept(tokens[6]))

    def test_with_a_known_address_counts_as_a_login_of_it(self, alice, stranger, ours, throttled):
        _, token = make.invitation(stranger.actor, email="alice@example.com")
        for _ in range(3):
            assert accept(token, password="wrong").status_code == 401
        assert refused(accept(token, password=people.PASSWORD))
        assert refused(log_in(ours))
