"""POST /v1/users/change-password, and `forcePasswordReset` until it is called."""

import pytest

from backend.core.models import IdempotentRequest
from backend.modules.identity import actions, tokens
from backend.modules.ledger.models import Entry
from tests import make, people, stored
from tests.dialects.accounts import access
from tests.dialects.accounts.access import LISTS, STRONG, details, error, get, log_in, post

pytestmark = pytest.mark.django_db

GIVEN = "una que eligió Alice 9"
CHANGE = "/v1/users/change-password"


def change(token, current=people.PASSWORD, new=STRONG, **headers):
    return post(CHANGE, {"currentPassword": current, "newPassword": new}, Authorization=f"Bearer {token}", **headers)


class TestChangePassword:
    def test_answers_as_a_login_does_with_a_token_that_works(self, alice):
        answer = change(alice.token)
        assert (answer.status_code, list(answer.json())) == (200, ["access_token", "forcePasswordReset"])
        assert answer.json()["forcePasswordReset"] is False
        assert get("/v1/apikeys", answer.json()["access_token"]).status_code == 200

    def test_makes_the_new_one_the_only_one(self, alice, ours):
        change(alice.token)
        assert log_in(ours, password=STRONG).status_code == 200
        assert error(log_in(ours)) == (401, "WRONG_CREDENTIALS")

    def test_ends_every_token_of_before_in_every_dialect(self, alice, ours):
        pair = tokens.issue(alice.user, ours.pk)
        change(pair.access)
        assert {path: get(path, pair.access).status_code for path in LISTS} == dict.fromkeys(LISTS, 401)
        assert post("/api/token/refresh/", {"refresh": pair.refresh}).status_code == 401

    def test_stays_in_the_company_of_the_token(self, alice, theirs):
        people.join(alice, theirs, "user")
        opened = change(tokens.issue(alice.user, theirs.pk).access).json()["access_token"]
        assert tokens.read_access(opened).workspace_id == theirs.pk

    @pytest.mark.parametrize(
        ("current", "new", "field", "sentence"),
        [
            ("wrong", STRONG, "currentPassword", "La contraseña actual no es correcta"),
            (people.PASSWORD, people.PASSWORD, "newPassword", "La contraseña nueva es la actual"),
            (people.PASSWORD, "abc", "newPassword", "La contraseña es demasiado corta. Debe contener por lo menos 8"),
            (people.PASSWORD, "password", "newPassword", "Esta contraseña es demasiado común."),
            (people.PASSWORD, "alice@example.com", "newPassword", "La contraseña es demasiado similar a"),
            (people.PASSWORD, "", "newPassword", "Este campo no puede estar vacío"),
            (people.PASSWORD, None, "newPassword", ""),
        ],
    )
    def test_refused_says_why_and_changes_nothing(self, alice, ours, current, new, field, sentence):
        with stored.nothing_written():
            reasons = details(change(alice.token, current, new))
        assert list(reasons) == [field]
        assert sentence in reasons[field][0]
        assert log_in(ours).status_code == 200

    def test_needs_a_login(self, alice):
        assert error(post(CHANGE, {"currentPassword": people.PASSWORD, "newPassword": STRONG}))[0] == 401

    def test_is_nothing_for_an_api_key(self, alice):
        _, key = make.api_key(alice.actor)
        with stored.nothing_written():
            assert error(change(key)) == (403, "PERMISSION_DENIED")

    def test_leaves_no_password_in_the_ledger(self, alice):
        change(alice.token)
        entry = Entry.objects.of(alice.actor).get(action="user.change_password")
        assert set(entry.new) == {"password", "password_stamp"}
        assert set(entry.new.values()) | set(entry.old.values()) == {"********"}

    def test_keeps_neither_password_nor_token_for_an_idempotency_key(self, alice):
        opened = change(alice.token, Idempotency_Key="one").json()["access_token"]
        kept = IdempotentRequest.objects.get()
        assert (bytes(kept.body), kept.status) == (b"", 200)
        assert error(change(opened, Idempotency_Key="one")) == (409, "ANSWER_SHOWN_ONCE")


class TestAPasswordThatSomebodyElseChose:
    @pytest.fixture
    def token(self, alice, bob, ours):
        """What bob gets by the login after alice has set his password."""
        actions.set_password(alice.actor, bob.user.pk, password=GIVEN)
        answer = log_in(ours, "bob@example.com", GIVEN)
        assert answer.json()["forcePasswordReset"] is True
        return answer.json()["access_token"]

    def test_has_to_be_changed_before_anything_else_of_this_dialect(self, token):
        calls = [call for call in access.guarded() if call[1] != CHANGE]
        assert len(calls) >= 7
        with stored.nothing_written():
            answers = {call: self.send(*call, token) for call in calls}
        wrong = {call: answer.content for call, answer in answers.items() if answer.status_code != 403}
        assert wrong == {}
        assert {error(answer) for answer in answers.values()} == {(403, "PASSWORD_CHANGE_OWED")}

    def send(self, method, path, token):
        from django.test import Client

        headers = {"Authorization": f"Bearer {token}"}
        return Client().generic(method, path, "{}", content_type="application/json", headers=headers)

    def test_opens_the_other_dialects(self, token):
        assert [get(path, token).status_code for path in ("/api/me/", *LISTS[1:])] == [200, 200, 200]

    def test_is_changed_by_its_user_and_then_everything_is_open(self, token, ours, bob):
        answer = change(token, GIVEN)
        assert (answer.status_code, answer.json()["forcePasswordReset"]) == (200, False)
        opened = answer.json()["access_token"]
        assert error(get("/v1/apikeys", opened)) == (403, "PERMISSION_DENIED"), "what bob's role does not hold"
        assert get("/api/clients/", opened).status_code == 200
        assert get("/api/me/", token).status_code == 401
        assert log_in(ours, "bob@example.com", STRONG).json()["forcePasswordReset"] is False

    def test_is_not_changed_by_giving_it_again(self, token):
        assert list(details(change(token, GIVEN, GIVEN))) == ["newPassword"]
        assert error(get("/v1/apikeys", token)) == (403, "PASSWORD_CHANGE_OWED")

    def test_is_owed_in_every_company(self, token, bob, theirs):
        people.join(bob, theirs, "admin")
        opened = log_in(theirs, "bob@example.com", GIVEN).json()["access_token"]
        assert error(get("/v1/apikeys", opened)) == (403, "PASSWORD_CHANGE_OWED")

    def test_is_not_one_that_an_administrator_sets_for_themselves(self, alice, ours):
        actions.set_password(alice.actor, alice.user.pk, password=GIVEN)
        assert log_in(ours, password=GIVEN).json()["forcePasswordReset"] is False

    def test_is_not_one_that_the_user_was_created_with(self, ours):
        people.person("nora", ours, "user", password=GIVEN)
        assert log_in(ours, "nora@example.com", GIVEN).json()["forcePasswordReset"] is False
