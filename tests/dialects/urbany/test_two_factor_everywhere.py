"""A second factor that is on, in every dialect: what a password alone still opens, and what a code opens again."""

import pytest

from backend.core.actor import Actor
from backend.modules.identity import actions, tokens
from tests import calls, operations, people, stored
from tests.dialects.urbany import entering
from tests.dialects.urbany.entering import STRONG, details, error, get, log_in, post, send, tokens_of, verify

pytestmark = pytest.mark.django_db

BUILT = operations.built()
WITH_HALF_A_LOGIN = {"urbany POST /api/auth/two-factor/", "urbany POST /api/auth/logout/"}
REFRESHES = ["/api/v1/auth/refresh/", "/api/token/refresh/"]
PLACES = ["/api/v1/empresas/", "/v1/accounts", "/api/users/", "/api/clients/"]  # one of each dialect
OWED = (401, "Falta el segundo factor")

NAMED = {"username": "nina", "password": people.PASSWORD}
ADDRESSED = {"email": "nina@example.com", "password": people.PASSWORD}
LOGINS = {
    "sales": lambda place: send("/api/v1/auth/login/", NAMED).json()["data"],
    "accounts": lambda place: {
        "access": send("/v1/auth/login", ADDRESSED | {"companyId": place.pk}).json()["access_token"]
    },
    "urbany": lambda place: post("login", ADDRESSED).json()["tokens"],
    "onboarding": lambda place: send("/api/token/", NAMED).json(),
}
WITH_REFRESH = [name for name in LOGINS if name != "accounts"]


def opened(access):
    return [get(path, access).status_code for path in PLACES]


@pytest.fixture
def nina(ours):
    """Another administrator, so that nothing is refused to her for want of a permission."""
    return people.person("nina", ours, "admin", password=people.PASSWORD)


@pytest.fixture
def phone(nina, clock):
    return entering.enrol(nina, clock)


@pytest.fixture
def half(phone):
    """The tokens of a login in this dialect, without a code."""
    return tokens_of(log_in("nina@example.com"))


class TestALoginWithoutACode:
    def test_of_this_dialect_says_that_a_code_is_asked_for(self, nina, phone):
        answer = log_in("nina@example.com")
        assert answer.json() | {"tokens": None} == {
            "message": "Login exitoso",
            "tokens": None,
            "user": {"id": nina.user.pk, "email": "nina@example.com"},
            "two_factor_required": True,
        }

    @pytest.mark.parametrize("dialect", LOGINS)
    def test_opens_no_guarded_operation_of_any_dialect(self, dialect, alice, phone, ours):
        here = calls.world(alice, "zarzamora")
        access = LOGINS[dialect](ours)["access"]
        guarded = [row for row in BUILT if not row.is_public and str(row) not in WITH_HALF_A_LOGIN]
        assert {row.dialect for row in guarded} == set(operations.BUILT)
        before = stored.of_workspace(ours.pk)
        answers = {row: calls.send(row, calls.of(row, here), access) for row in guarded}
        unlike = {str(row): answer.content for row, answer in answers.items() if not calls.is_problem(row, answer, 401)}
        assert unlike == {}
        assert stored.of_workspace(ours.pk) == before

    def test_is_told_apart_from_a_token_that_does_not_hold(self, half):
        assert error(get("/api/users/me/", half["access"])) == OWED
        assert error(get("/api/users/me/", "broken")) == (401, "El token no es válido o ha expirado")

    @pytest.mark.parametrize("path", REFRESHES)
    @pytest.mark.parametrize("dialect", WITH_REFRESH)
    def test_gets_no_more_by_refreshing(self, dialect, path, phone, ours):
        answer = send(path, {"refresh": LOGINS[dialect](ours)["refresh"]})
        assert answer.status_code == 200, answer.content
        refreshed = answer.json().get("access") or answer.json()["data"]["access"]
        assert opened(refreshed) == [401] * 4
        assert verify(refreshed, phone.next_code()).status_code == 200

    def test_registers_nobody(self, half, settings):
        settings.REGISTRATION = "invite"
        ana = {"email": "ana@example.com", "password": STRONG, "password_confirm": STRONG, "first_name": "Ana"}
        with stored.nothing_written():
            assert error(post("register", ana, half["access"])) == OWED

    def test_can_be_ended(self, half):
        assert post("logout", {"refresh": half["refresh"]}, half["access"]).status_code == 200
        assert [send(path, {"refresh": half["refresh"]}).status_code for path in REFRESHES] == [401, 401]

    def test_neither_sets_up_nor_disables_nor_renews(self, phone, half):
        for name in ("two-factor/setup", "two-factor/disable", "two-factor/recovery-codes"):
            assert error(post(name, {"code": phone.next_code()}, half["access"])) == OWED

    def test_does_not_count_as_one(self, alice, nina, phone, ours):
        path = f"/api/users/{nina.user.pk}/"
        before = alice.get(path).json()["last_login"]
        for log_in_there in LOGINS.values():
            access = log_in_there(ours)["access"]
        assert alice.get(path).json()["last_login"] == before
        verify(access, phone.next_code())
        assert alice.get(path).json()["last_login"] > before

    def test_ends_with_a_new_password(self, nina, phone, half, ours):
        actions.set_password(Actor.system(ours.pk), nina.user.pk, password=STRONG)
        assert verify(half["access"], phone.next_code()).status_code == 401

    def test_ends_with_the_membership(self, alice, nina, phone, half):
        assert alice.delete(f"/api/users/{nina.user.pk}/").status_code == 204
        assert verify(half["access"], phone.next_code()).status_code == 401

    def test_with_a_wrong_code_opens_nothing(self, phone, half):
        assert list(details(verify(half["access"], phone.wrong_code()))) == ["code"]
        assert opened(half["access"]) == [401] * 4


class TestACode:
    @pytest.mark.parametrize("dialect", LOGINS)
    def test_gives_tokens_that_open_every_dialect(self, dialect, phone, ours):
        access = LOGINS[dialect](ours)["access"]
        assert opened(access) == [401] * 4
        full = tokens_of(verify(access, phone.next_code()))
        assert opened(full["access"]) == [200] * 4

    def test_gives_a_refresh_token_that_does_so_too(self, phone, half):
        full = tokens_of(verify(half["access"], phone.next_code()))
        for path in REFRESHES:
            answer = send(path, {"refresh": full["refresh"]}).json()
            assert opened(answer.get("access") or answer["data"]["access"]) == [200] * 4

    def test_leaves_the_tokens_of_the_login_as_they_were(self, phone, half):
        verify(half["access"], phone.next_code())
        refreshed = send("/api/token/refresh/", {"refresh": half["refresh"]}).json()["access"]
        assert [opened(half["access"]), opened(refreshed)] == [[401] * 4] * 2

    def test_stays_in_the_workspace_of_the_login(self, nina, phone, theirs):
        people.join(nina, theirs, "user")
        there = LOGINS["accounts"](theirs)["access"]
        full = tokens_of(verify(there, phone.next_code()))
        assert tokens.read_access(full["access"]).workspace_id == theirs.pk
        assert tokens.read_refresh(full["refresh"])[0].workspace_id == theirs.pk

    def test_is_asked_for_in_each_workspace(self, nina, phone, theirs):
        people.join(nina, theirs, "admin")
        assert opened(LOGINS["accounts"](theirs)["access"]) == [401] * 4


class TestWithoutASecondFactorAnyMore:
    def test_a_login_opens_everything_again_after_it_was_disabled(self, nina, phone, ours):
        nina.post("/api/auth/two-factor/disable/", {"code": phone.next_code()})
        assert {name: opened(log(ours)["access"]) for name, log in LOGINS.items()} == dict.fromkeys(LOGINS, [200] * 4)

    def test_a_login_opens_everything_again_after_an_administrator_reset_it(self, alice, nina, phone, half, ours):
        alice.post(f"/api/users/{nina.user.pk}/reset-two-factor/")
        assert opened(half["access"]) == [401] * 4, "that login was made without it"
        assert {name: opened(log(ours)["access"]) for name, log in LOGINS.items()} == dict.fromkeys(LOGINS, [200] * 4)


class TestWhatGoesOn:
    def test_are_the_logins_of_others(self, alice, phone):
        answer = log_in()
        assert answer.json()["two_factor_required"] is False
        assert opened(tokens_of(answer)["access"]) == [200] * 4

    def test_are_the_sessions_of_before(self, nina, ours, clock):
        before = LOGINS["sales"](ours)
        entering.enrol(nina, clock)
        assert opened(before["access"]) == [200] * 4
