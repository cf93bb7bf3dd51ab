"""A session is what an access token opens for longer than one request."""

from dataclasses import replace

import pyotp
import pytest

from backend.core.errors import InvalidToken, PasswordChangeOwed, SecondFactorOwed
from backend.modules.identity import authentication, tokens
from backend.modules.identity.actions import passwords, second_factors, users
from tests import make, people

pytestmark = pytest.mark.django_db


def session_of(who):
    return authentication.session(who.token)


def second_factor_of(who) -> tokens.TokenPair:
    """Turned on; answers the tokens that its first code is paid with."""
    enrolment = second_factors.set_up(who.actor)
    verified = second_factors.verify(who.actor, pyotp.TOTP(enrolment.secret).now())
    return authentication.tokens_for(who.actor, verified.user)


class TestASession:
    def test_is_of_a_user_and_has_the_rights_that_they_have_now(self, alice, dario, django_assert_num_queries):
        session = session_of(dario)
        assert not authentication.member_in(session).may("contacts.add")
        users.rights.set_roles(alice.actor, dario.user.pk, role_names=["manager"])
        with django_assert_num_queries(1):
            assert authentication.member_in(session).may("contacts.add")

    def test_is_opened_by_nothing_but_an_access_token(self, alice):
        pair = tokens.issue(alice.user, alice.workspace.pk)
        for other in (pair.refresh, make.api_key(alice.actor)[1], "nonsense", ""):
            with pytest.raises(InvalidToken):
                authentication.session(other)

    def test_ends_with_its_token(self, alice):
        with pytest.raises(InvalidToken):
            authentication.member_in(replace(session_of(alice), expires=0.0))

    def test_ends_with_its_own_logout_and_not_with_that_of_another_login(self, alice):
        one, other = (tokens.issue(alice.user, alice.workspace.pk) for _ in range(2))
        sessions = [authentication.session(each) for each in (one.access, authentication.refresh(one.refresh))]
        stays = authentication.session(other.access)
        authentication.log_out(alice.actor, one.refresh)
        for session in sessions:
            with pytest.raises(InvalidToken):
                authentication.member_in(session)
        assert authentication.member_in(stays).user_id == alice.user.pk

    def test_ends_when_a_second_factor_is_turned_on_and_one_that_passed_it_goes_on(self, alice):
        session = session_of(alice)
        passed = second_factor_of(alice)
        with pytest.raises(InvalidToken):
            authentication.member_in(session)
        assert authentication.member_in(authentication.session(passed.access)).user_id == alice.user.pk
        assert authentication.member_in(authentication.session(authentication.refresh(passed.refresh)))

    def test_is_not_had_by_who_owes_something(self, alice, bob):
        owing = tokens.issue(alice.user, alice.workspace.pk, second_factor_owed=True).access
        with pytest.raises(SecondFactorOwed):
            authentication.member_in(authentication.session(owing))
        passwords.set_password(alice.actor, bob.user.pk, password=people.PASSWORD)
        bob.user.refresh_from_db()
        with pytest.raises(PasswordChangeOwed):
            authentication.member_in(session_of(bob))

    def test_of_before_sessions_had_a_name_goes_on(self, alice):
        assert authentication.member_in(replace(session_of(alice), session="")).user_id == alice.user.pk
