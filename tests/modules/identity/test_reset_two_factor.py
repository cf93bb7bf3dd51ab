"""`manage.py reset_two_factor WHOM`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backend.core.actor import Actor
from backend.modules.identity import second_factors
from backend.modules.identity.actions.second_factors import set_up
from backend.modules.identity.models import Membership, SecondFactor
from backend.modules.ledger.models import Entry
from tests import make, people

pytestmark = pytest.mark.django_db


def reset_two_factor(whom: str) -> str:
    said = StringIO()
    call_command("reset_two_factor", whom, stdout=said)
    return said.getvalue().strip()


class TestResetTwoFactor:
    @pytest.mark.parametrize("whom", ["alice", "ALICE", " alice ", "Alice@Example.com"])
    def test_lets_the_only_administrator_in_with_the_password_alone(self, client, alice, whom):
        make.code_of(alice.user)
        assert reset_two_factor(whom) == "alice logs in with the password alone now."
        body = {"email": alice.user.email, "password": people.PASSWORD}
        answer = client.post("/api/auth/login/", body, content_type="application/json").json()
        assert answer["two_factor_required"] is False

    def test_stands_in_the_ledger_of_their_oldest_workspace(self, alice, theirs):
        people.join(alice, theirs, "admin")
        make.code_of(alice.user)
        reset_two_factor("alice")
        entry = Entry.across_workspaces.latest("pk")
        assert (entry.workspace_id, entry.username) == (alice.workspace.pk, "system")
        assert (entry.verb, entry.action) == ("secondfactor.deleted", "second_factor.reset")

    def test_forgets_one_that_no_code_has_confirmed_too(self, alice):
        set_up(alice.actor)
        reset_two_factor("alice")
        assert not SecondFactor.objects.exists()

    def test_leaves_everybody_else_s(self, alice, bob):
        make.code_of(alice.user)
        make.code_of(bob.user)
        reset_two_factor("alice")
        assert second_factors.is_owed(bob.user)

    @pytest.mark.parametrize("whom", ["nobody", "", "nobody@example.com"])
    def test_knows_nobody_of_another_name(self, alice, whom):
        with pytest.raises(CommandError, match="There is no user"):
            reset_two_factor(whom)

    def test_says_that_there_is_none(self, alice):
        with pytest.raises(CommandError, match=r"^alice has no second factor\.$"):
            reset_two_factor("alice")

    def test_says_that_they_are_active_nowhere(self, bob):
        make.code_of(bob.user)
        membership = Membership.objects.of(Actor.system(bob.workspace.pk)).get(user=bob.user)
        membership.is_active = False
        people.writing(bob.workspace.pk, membership.save)
        with pytest.raises(CommandError, match=r"^bob is active in no workspace\.$"):
            reset_two_factor("bob")
        assert second_factors.is_owed(bob.user)

    def test_takes_nobody_s_where_a_name_is_another_s_address(self, ours, bob):
        namesake = people.person("bob@example.com", ours)
        for person in (bob, namesake):
            make.code_of(person.user)
        with pytest.raises(CommandError, match="the user name of one and the address of another"):
            reset_two_factor("bob@example.com")
        assert second_factors.is_owed(bob.user)
        assert second_factors.is_owed(namesake.user)
