"""Logins, registrations, recoveries and codes of this dialect that are too many."""

import pytest
from django.core.management import call_command

from backend.modules.identity.models import RecoveryRequest, User
from tests import make, people, stored
from tests.dialects.urbany import entering
from tests.dialects.urbany.entering import STRONG, ask_for_link, error, links_to, log_in, post, reset, send, verify

pytestmark = pytest.mark.django_db

HERE, THERE = "203.0.113.9", "198.51.100.1"
ALICE, NOBODY = "alice@example.com", "nobody@example.com"


def refused(answer):
    seconds = int(answer["Retry-After"])
    assert 1 <= seconds <= 60
    assert error(answer) == (429, f"Demasiados intentos: vuelva a intentarlo en {seconds} s")
    return True


def statuses(do, times):
    return [do().status_code for _ in range(times)]


class TestLogin:
    @pytest.mark.parametrize("email", [ALICE, NOBODY])
    def test_is_refused_in_the_dialect_s_shape_known_or_not(self, alice, throttled, email):
        assert statuses(lambda: log_in(email, "wrong"), 3) == [401] * 3
        assert refused(log_in(email, "wrong"))
        assert refused(log_in(email))

    def test_counts_the_address_in_any_case(self, alice, throttled):
        for email in (ALICE, "ALICE@example.com", " Alice@Example.com"):
            log_in(email, "wrong")
        assert refused(log_in())

    def test_counts_together_with_that_of_another_dialect_by_the_same_name(self, alice, ours, throttled):
        for _ in range(3):
            log_in(password="wrong")
        body = {"email": ALICE, "password": people.PASSWORD, "companyId": ours.pk}
        assert send("/v1/auth/login", body).status_code == 429

    def test_from_one_place_is_refused_for_whoever_is_named(self, alice, throttled):
        for which in range(6):
            log_in(f"user{which}@example.com", "wrong", address=HERE)
        assert refused(log_in(address=HERE))
        assert log_in(address=THERE).status_code == 200

    def test_that_succeeds_is_not_counted(self, alice, throttled):
        assert statuses(log_in, 8) == [200] * 8

    def test_that_owes_a_code_is_not_counted_either(self, alice, phone, throttled):
        assert statuses(log_in, 8) == [200] * 8


class TestRegister:
    @pytest.fixture(autouse=True)
    def is_open(self, throttled):
        throttled.REGISTRATION = "open"

    def register(self, email, token=None, address=HERE):
        body = {"email": email, "password": STRONG, "password_confirm": STRONG, "first_name": "Ana"}
        return post("register", body, token, address=address)

    def test_is_refused_after_so_many_from_one_place_also_if_they_succeed(self, ours):
        assert [self.register(f"ana{which}@example.com").status_code for which in range(6)] == [201] * 6
        assert refused(self.register("ana6@example.com"))
        assert not User.objects.filter(email="ana6@example.com").exists()
        assert self.register("ana6@example.com", address=THERE).status_code == 201

    def test_tells_only_so_often_which_addresses_are_taken(self, alice):
        assert statuses(lambda: self.register(ALICE), 3) == [400] * 3
        assert refused(self.register(ALICE, address=THERE))

    def test_by_who_may_create_users_is_not_counted(self, alice):
        made = [self.register(f"ana{which}@example.com", alice.token).status_code for which in range(8)]
        assert made == [201] * 8


class TestRecovery:
    @pytest.mark.parametrize("email", [ALICE, NOBODY])
    def test_is_refused_after_three_for_one_address_known_or_not(self, alice, throttled, email):
        assert statuses(lambda: ask_for_link(email), 3) == [200] * 3
        with stored.nothing_written():
            assert refused(ask_for_link(email))
            assert refused(ask_for_link(email.upper(), address=THERE))

    def test_is_refused_after_six_from_one_place(self, alice, throttled):
        answers = [ask_for_link(f"user{which}@example.com", address=HERE).status_code for which in range(6)]
        assert answers == [200] * 6
        assert refused(ask_for_link(ALICE, address=HERE))
        assert ask_for_link(ALICE, address=THERE).status_code == 200

    def test_that_is_refused_queues_nothing(self, alice, throttled):
        for _ in range(5):
            ask_for_link(ALICE)
        assert len(links_to(ALICE)) == 3
        assert not RecoveryRequest.objects.exists()

    def test_is_open_to_who_is_kept_from_logging_in_and_lets_them_in(
        self, alice, throttled, django_capture_on_commit_callbacks
    ):
        for _ in range(3):
            log_in(password="wrong")
        assert refused(log_in())
        assert ask_for_link(ALICE).status_code == 200
        with django_capture_on_commit_callbacks(execute=True):
            assert reset(links_to(ALICE)[0]).status_code == 200
        assert log_in(password=STRONG).status_code == 200

    def test_leaves_logins_alone(self, alice, throttled):
        for _ in range(4):
            ask_for_link(ALICE)
        assert log_in().status_code == 200


class TestFollowingALink:
    def test_is_refused_after_six_from_one_place(self, alice, throttled):
        token = make.recovery_token(alice.user)
        assert statuses(lambda: reset("x", address=HERE), 6) == [400] * 6
        assert refused(reset(token, address=HERE))
        assert reset(token, address=THERE).status_code == 200

    def test_that_succeeds_is_not_counted(self, alice, throttled):
        for which in range(8):
            token = make.recovery_token(User.objects.get(pk=alice.user.pk))
            assert reset(token, f"tres tristes tigres {which}").status_code == 200


class TestACode:
    def test_is_refused_after_three_wrong_ones_also_if_it_is_right(self, alice, phone, throttled):
        assert statuses(lambda: verify(alice.token, phone.wrong_code()), 3) == [400] * 3
        assert refused(verify(alice.token, phone.next_code()))
        assert refused(verify(alice.token, phone.recovery_codes[0], address=THERE))

    def test_counts_wherever_it_is_asked_for(self, alice, phone, throttled):
        for name in ("two-factor", "two-factor/disable", "two-factor/recovery-codes"):
            assert post(name, {"code": phone.wrong_code()}, alice.token).status_code == 400
        for name in ("two-factor", "two-factor/disable", "two-factor/recovery-codes"):
            assert refused(post(name, {"code": phone.next_code()}, alice.token))

    def test_counts_for_every_login_of_the_user_together(self, phone, throttled):
        halves = [entering.tokens_of(log_in())["access"] for _ in range(4)]
        assert [verify(half, phone.wrong_code()).status_code for half in halves[:3]] == [400] * 3
        assert refused(verify(halves[3], phone.next_code()))

    def test_counts_those_with_an_idempotency_key_too(self, alice, phone, throttled):
        wrong = [verify(alice.token, phone.wrong_code(), Idempotency_Key="one").status_code for _ in range(4)]
        assert wrong == [400, 400, 400, 429]

    def test_that_is_right_begins_the_count_anew(self, alice, phone, throttled):
        throttled.THROTTLE_PER_ADDRESS = 0
        for _ in range(3):
            assert statuses(lambda: verify(alice.token, phone.wrong_code()), 2) == [400] * 2
            assert verify(alice.token, phone.next_code()).status_code == 200

    def test_from_one_place_is_refused_for_everybody(self, alice, bob, phone, clock, throttled):
        other = entering.enrol(bob, clock)
        throttled.THROTTLE_PER_ACCOUNT = 0
        assert statuses(lambda: verify(alice.token, phone.wrong_code(), address=HERE), 6) == [400] * 6
        assert refused(verify(bob.token, other.next_code(), address=HERE))
        assert verify(bob.token, other.next_code(), address=THERE).status_code == 200

    def test_of_others_is_taken(self, alice, bob, phone, clock, throttled):
        other = entering.enrol(bob, clock)
        statuses(lambda: verify(alice.token, phone.wrong_code(), address=HERE), 4)
        assert verify(bob.token, other.next_code(), address=HERE).status_code == 200

    def test_gets_no_new_tries_by_a_new_password(self, alice, phone, throttled, django_capture_on_commit_callbacks):
        half = entering.tokens_of(log_in())["access"]
        statuses(lambda: verify(half, phone.wrong_code()), 3)
        with django_capture_on_commit_callbacks(execute=True):
            reset(make.recovery_token(alice.user))
        half = entering.tokens_of(log_in(password=STRONG))["access"]
        assert refused(verify(half, phone.next_code()))

    def test_is_asked_for_again_after_an_unlock(self, alice, phone, throttled):
        statuses(lambda: verify(alice.token, phone.wrong_code()), 4)
        call_command("unlock", ALICE)
        assert verify(alice.token, phone.next_code()).status_code == 200

    def test_that_is_too_many_leaves_logins_alone(self, alice, phone, throttled):
        statuses(lambda: verify(alice.token, phone.wrong_code()), 4)
        assert log_in().status_code == 200
