"""POST /v1/users/accept-invitation: whoever has the link comes in, once."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.core.actor import Actor
from backend.modules.identity import actions
from backend.modules.identity.actions import invitations
from backend.modules.identity.models import Invitation, Membership, User
from backend.modules.ledger.models import Entry
from tests import make, people, stored
from tests.dialects.accounts.access import STRONG, accept, details, error, get, log_in, post
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

MEMBER = ["id", "email", "username", "firstName", "lastName", "companyId", "forcePasswordReset"]
MARIA = "maria@example.com"


def roles_in(place, user_id):
    membership = Membership.objects.of(Actor.system(place.pk)).get(user_id=user_id)
    return sorted(role.name for role in membership.roles.all())


def everything_of(user):
    return User.objects.filter(pk=user.pk).values().get()


class TestAPersonWithoutAUser:
    @pytest.fixture
    def token(self, alice):
        return make.invitation(alice.actor, email=MARIA, role_names=["sales", "user"])[1]

    def test_becomes_one_and_a_member_with_the_roles_given(self, token, ours):
        answer = accept(token, firstName="María", lastName="Ríos", username="maria")
        assert (answer.status_code, list(answer.json())) == (201, MEMBER)
        shown = answer.json()
        assert [shown[name] for name in MEMBER[1:]] == [MARIA, "maria", "María", "Ríos", ours.pk, False]
        assert roles_in(ours, shown["id"]) == ["Sales", "User"]

    def test_can_log_in_with_the_password(self, token, ours):
        accept(token)
        session = log_in(ours, MARIA, STRONG).json()
        assert session["forcePasswordReset"] is False
        assert get("/api/clients/", session["access_token"]).status_code == 200

    def test_has_the_address_for_a_user_name_unless_another_is_given(self, token):
        assert accept(token).json()["username"] == MARIA

    def test_has_another_where_the_address_is_somebody_s_user_name(self, token, ours):
        people.person("x", ours, "user")
        actions.create_user(Actor.system(ours.pk), username=MARIA.upper(), email="y@example.com", password=None)
        name = accept(token).json()["username"]
        assert name.startswith("maria-")

    def test_stands_in_the_ledger_by_their_address_without_the_password(self, token, alice):
        accept(token)
        entries = list(Entry.objects.of(alice.actor).filter(action__startswith="invitation.accept"))
        assert {entry.username for entry in entries} == {MARIA}
        everything = str(list(Entry.objects.of(alice.actor).values()))
        assert (STRONG in everything, token in everything) == (False, False)

    def test_may_have_a_very_long_address(self, alice):
        email = f"{'m' * 60}@{'.'.join(['x' * 59] * 3)}.example.com"
        assert 150 < len(email) <= 254
        answer = accept(make.invitation(alice.actor, email=email)[1])
        assert (answer.status_code, answer.json()["email"]) == (201, email)

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"password": "abc"}, "password"),
            ({"password": "password"}, "password"),
            ({"password": MARIA}, "password"),
            ({"password": ""}, "password"),
            ({"password": None}, "password"),
            ({"username": " "}, "username"),
            ({"username": "x" * 151}, "username"),
            ({"firstName": "x" * 101}, "firstName"),
            ({"lastName": "\0"}, "lastName"),
            ({"email": "eve@example.com"}, "email"),
            ({"roles": ["admin"]}, "roles"),
        ],
    )
    def test_is_refused_by_field_and_can_try_again(self, token, fields, field):
        with stored.nothing_written():
            assert list(details(accept(token, **fields))) == [field]
        assert accept(token).status_code == 201

    @pytest.mark.parametrize("username", ["alice", "ALICE"])
    def test_is_refused_a_user_name_that_is_taken(self, token, username):
        with stored.nothing_written():
            answer = accept(token, username=username)
        assert error(answer) == (409, "USERNAME_TAKEN")
        assert list(answer.json()["error"]["details"]) == ["username"]
        assert accept(token, username="maria").status_code == 201


class TestAPersonWhoHasAUser:
    """stranger, who works elsewhere, is invited into our company too."""

    @pytest.fixture
    def stranger(self, theirs):
        return people.person("stranger", theirs, "admin", password=people.PASSWORD)

    @pytest.fixture
    def token(self, alice, stranger):
        return make.invitation(alice.actor, email="Stranger@Example.com", role_names=["user"])[1]

    def test_becomes_a_member_with_their_password_and_nothing_else_of_them_changes(self, token, stranger, ours, theirs):
        before, old = everything_of(stranger.user), stranger.token
        answer = accept(token, password=people.PASSWORD, username="other", firstName="Other", lastName="Other")
        assert answer.status_code == 201
        assert (answer.json()["id"], answer.json()["username"]) == (stranger.user.pk, "stranger")
        assert everything_of(stranger.user) == before
        assert (roles_in(ours, stranger.user.pk), roles_in(theirs, stranger.user.pk)) == (["User"], ["Admin"])
        assert get("/v1/apikeys", old).status_code == 200, "what was open stays open"
        for place in (ours, theirs):
            assert log_in(place, "stranger@example.com").status_code == 200

    @pytest.mark.parametrize("password", [STRONG, "abc", people.PASSWORD.upper()])
    def test_is_refused_with_any_other_password_which_is_never_set(self, token, stranger, theirs, password):
        before = everything_of(stranger.user)
        with stored.nothing_written():
            assert error(accept(token, password=password)) == (401, "WRONG_CREDENTIALS")
        assert everything_of(stranger.user) == before
        assert log_in(theirs, "stranger@example.com").status_code == 200
        assert accept(token, password=people.PASSWORD).status_code == 201

    def test_is_refused_while_their_user_is_deactivated(self, token, stranger, ours):
        stranger.user.is_active = False
        people.writing(ours.pk, stranger.user.save)
        with stored.nothing_written():
            assert error(accept(token, password=people.PASSWORD)) == (403, "ACCOUNT_DISABLED")
            assert error(accept(token, password=STRONG)) == (401, "WRONG_CREDENTIALS")

    def test_still_owes_the_change_of_a_password_that_somebody_else_chose(self, token, stranger):
        actions.set_password(Actor.system(stranger.workspace.pk), stranger.user.pk, password=STRONG)
        assert accept(token, password=STRONG).json()["forcePasswordReset"] is True


class TestAFormerMember:
    def test_comes_back_with_the_roles_of_the_invitation_alone(self, alice, ours):
        nora = people.person("nora", ours, "manager", "admin", password=people.PASSWORD)
        actions.set_active(alice.actor, nora.user.pk, is_active=False)
        _, token = make.invitation(alice.actor, email="nora@example.com", role_names=["user"])
        assert error(log_in(ours, "nora@example.com"))[0] == 403
        assert accept(token, password=people.PASSWORD).status_code == 201
        assert roles_in(ours, nora.user.pk) == ["User"]
        assert Membership.objects.of(alice.actor).filter(user=nora.user).count() == 1
        assert log_in(ours, "nora@example.com").status_code == 200

    def test_who_became_one_meanwhile_keeps_their_roles_beside_the_new_ones(self, alice, ours):
        _, token = make.invitation(alice.actor, email="nora@example.com", role_names=["user"])
        nora = people.person("nora", ours, "sales", "user", password=people.PASSWORD)
        assert accept(token, password=people.PASSWORD).status_code == 201
        assert roles_in(ours, nora.user.pk) == ["Sales", "User"]


class TestALink:
    def test_works_once(self, alice):
        _, token = make.invitation(alice.actor, email=MARIA)
        assert accept(token).status_code == 201
        with stored.nothing_written():
            for password in (STRONG, "quite another one 4"):
                assert error(accept(token, password=password)) == (422, "INVITATION_USED")

    def test_expires(self, alice):
        invitation, token = make.invitation(alice.actor, email=MARIA)
        invitation.expires_at = timezone.now() - timedelta(seconds=1)
        people.writing(invitation.workspace_id, invitation.save)
        with stored.nothing_written():
            assert error(accept(token)) == (422, "INVITATION_EXPIRED")

    def test_ends_with_its_invitation(self, alice):
        invitation, token = make.invitation(alice.actor)
        invitations.revoke(alice.actor, invitation.pk)
        assert error(accept(token)) == (422, "INVITATION_REVOKED")

    @pytest.mark.parametrize("token", ["x", "ñandú", "' OR 1=1 --", "x" * 200])
    def test_that_nobody_was_given_is_not_found(self, alice, token):
        make.invitation(alice.actor)
        with stored.nothing_written():
            assert error(accept(token)) == (404, "NOT_FOUND")

    def test_is_not_the_hash_that_stands_in_the_database(self, alice):
        invitation, _ = make.invitation(alice.actor)
        assert error(accept(invitation.token_hash)) == (404, "NOT_FOUND")

    @pytest.mark.parametrize("token", ["", " ", None, 7, "x" * 201, "x\0"])
    def test_that_is_no_text_is_refused(self, db, token):
        assert list(details(accept(token))) == ["token"]

    def test_outlives_who_sent_it(self, alice, ours):
        _, token = make.invitation(alice.actor)
        people.person("another", ours, "admin")
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert accept(token).status_code == 201


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_with_one_link_make_one_user(self, alice):
        _, token = make.invitation(alice.actor, email=MARIA)
        answers = at_once(8, lambda which: accept(token, password=f"{STRONG} {which}"))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 422: 7}
        assert User.objects.filter(email=MARIA).count() == 1
        assert {error(answer)[1] for answer in answers if answer.status_code == 422} == {"INVITATION_USED"}

    def test_with_one_link_make_a_known_user_a_member_once(self, alice, theirs):
        people.person("maria", theirs, "admin", password=people.PASSWORD)
        _, token = make.invitation(alice.actor, email=MARIA)
        answers = at_once(8, lambda which: accept(token, password=people.PASSWORD))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 422: 7}
        assert Membership.objects.of(alice.actor).filter(user__email=MARIA).count() == 1

    def test_with_links_of_two_companies_make_one_user_of_both(self, alice, stranger, ours, theirs):
        tokens = [make.invitation(person.actor, email=MARIA)[1] for person in (alice, stranger)]
        answers = at_once(2, lambda which: accept(tokens[which]))
        assert [answer.status_code for answer in answers] == [201, 201]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert [log_in(place, MARIA, STRONG).status_code for place in (ours, theirs)] == [200, 200]

    def test_invite_one_address_once(self, alice):
        tokens = [alice.token] * 6
        answers = at_once(
            6, lambda which: post("/v1/users/invitations", {"email": MARIA}, Authorization=f"Bearer {tokens[which]}")
        )
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}
        assert Invitation.objects.of(alice.actor).count() == 1
