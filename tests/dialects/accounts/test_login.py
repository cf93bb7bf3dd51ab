"""POST /v1/auth/login."""

import pytest

from backend.core.actor import Actor
from backend.modules.identity import actions
from tests import people, stored
from tests.dialects.accounts.access import LISTS, details, error, get, log_in, post

pytestmark = pytest.mark.django_db

NONE_OF_THESE = {
    "error": {"code": "WRONG_CREDENTIALS", "message": "Correo, contraseña o empresa incorrectos", "details": {}}
}


def token(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()["access_token"]


class TestLogin:
    def test_answers_the_two_documented_fields(self, alice, ours):
        answer = log_in(ours)
        assert (answer.status_code, list(answer.json())) == (200, ["access_token", "forcePasswordReset"])
        assert answer.json()["forcePasswordReset"] is False

    def test_gives_a_token_for_every_dialect(self, alice, ours):
        opened = token(log_in(ours))
        assert {path: get(path, opened).status_code for path in LISTS} == dict.fromkeys(LISTS, 200)
        assert get("/api/me/", opened).json()["username"] == "alice"

    @pytest.mark.parametrize("email", ["ALICE@EXAMPLE.COM", "Alice@example.com", " alice@example.com "])
    def test_takes_the_address_in_any_case(self, alice, ours, email):
        assert log_in(ours, email).status_code == 200

    def test_does_not_take_the_user_name(self, alice, ours):
        assert log_in(ours, "alice").json() == NONE_OF_THESE

    def test_does_not_say_whether_address_password_or_company_is_wrong(self, alice, ours):
        nowhere = type(ours)(pk=ours.pk + 10_000)
        wrong = [
            log_in(ours, "nobody@example.com"),
            log_in(ours, password="wrong"),
            log_in(ours, password=people.PASSWORD.upper()),
            log_in(nowhere),
            log_in(nowhere, password="wrong"),
            log_in(nowhere, "nobody@example.com"),
        ]
        assert [(answer.status_code, answer.json()) for answer in wrong] == [(401, NONE_OF_THESE)] * len(wrong)

    def test_in_somebody_else_s_company_is_403_if_the_password_is_right(self, alice, theirs):
        assert error(log_in(theirs)) == (403, "NOT_A_MEMBER")
        assert error(log_in(theirs, password="wrong")) == (401, "WRONG_CREDENTIALS")

    def test_of_a_deactivated_member_is_403_if_the_password_is_right(self, alice, ours):
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert error(log_in(ours)) == (403, "NOT_A_MEMBER")
        assert error(log_in(ours, password="wrong")) == (401, "WRONG_CREDENTIALS")

    def test_of_a_deactivated_user_is_403_if_the_password_is_right(self, alice, ours):
        alice.user.is_active = False
        people.writing(ours.pk, alice.user.save)
        assert error(log_in(ours)) == (403, "ACCOUNT_DISABLED")
        assert error(log_in(ours, password="wrong")) == (401, "WRONG_CREDENTIALS")

    def test_refuses_a_published_password_outside_development(self, ours, settings):
        people.person("admin", ours, "admin", password="admin123")
        assert log_in(ours, "admin@example.com", "admin123").status_code == 200
        settings.DEVELOPMENT = False
        assert log_in(ours, "admin@example.com", "admin123").json() == NONE_OF_THESE

    def test_refuses_a_user_without_a_password(self, bob, ours):
        assert log_in(ours, "bob@example.com", "!").json() == NONE_OF_THESE

    def test_writes_nothing(self, alice, ours):
        with stored.nothing_written():
            log_in(ours)
            log_in(ours, password="wrong")

    def test_ignores_a_broken_token_in_the_header(self, alice, ours):
        body = {"email": "alice@example.com", "password": people.PASSWORD, "companyId": ours.pk}
        assert post("/v1/auth/login", body, Authorization="Bearer broken").status_code == 200

    def test_asks_for_the_three_fields(self, db):
        fields = ["email", "password", "companyId"]
        assert details(post("/v1/auth/login", {})) == dict.fromkeys(fields, ["Este campo es obligatorio."])

    @pytest.mark.parametrize("company", [0, -1, 2**63, "x", None, True, [], 1.5])
    def test_refuses_a_company_that_is_no_id(self, alice, company):
        body = {"email": "alice@example.com", "password": people.PASSWORD, "companyId": company}
        assert list(details(post("/v1/auth/login", body))) == ["companyId"]

    def test_refuses_an_endless_password(self, alice, ours):
        assert list(details(log_in(ours, password="x" * 4097))) == ["password"]


class TestAUserOfSeveralCompanies:
    @pytest.fixture
    def alice(self, alice, theirs):
        people.join(alice, theirs, "user")
        return alice

    def test_is_in_each_what_their_roles_there_say(self, alice, ours, theirs):
        here, there = token(log_in(ours)), token(log_in(theirs))
        assert [get("/v1/apikeys", each).status_code for each in (here, there)] == [200, 403]
        made = [
            post("/api/v1/empresas/", {"nombre": "Acme"}, Authorization=f"Bearer {each}").status_code
            for each in (here, there)
        ]
        assert made == [201, 403]

    def test_sees_in_each_what_is_there(self, alice, stranger, ours, theirs):
        alice.post("/api/v1/empresas/", {"nombre": "Nuestra"})
        stranger.post("/api/v1/empresas/", {"nombre": "Ajena"})
        seen = [
            [row["nombre"] for row in get("/api/v1/empresas/", token(log_in(place))).json()["data"]]
            for place in (ours, theirs)
        ]
        assert seen == [["Nuestra"], ["Ajena"]]

    def test_stays_in_one_after_leaving_the_other(self, alice, ours, theirs):
        here, there = token(log_in(ours)), token(log_in(theirs))
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert [get("/api/me/", each).status_code for each in (here, there)] == [401, 200]
        assert error(log_in(ours)) == (403, "NOT_A_MEMBER")
        assert log_in(theirs).status_code == 200
