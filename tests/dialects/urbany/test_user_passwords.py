"""POST /api/users/change-password/ and /api/users/{id}/change-password/."""

import pytest

from backend.modules.identity.models import User
from tests import people, stored
from tests.dialects.urbany import governing
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED, STRONG, USERS, log_in

pytestmark = pytest.mark.django_db

ALICE = "alice@example.com"
CHANGE = {"old_password": people.PASSWORD, "new_password": STRONG, "new_password_confirm": STRONG}
CHOSEN = {"new_password": STRONG, "new_password_confirm": STRONG}
OTHER_DIALECTS = ["/api/me/", "/api/v1/clientes/", "/v1/contacts"]


@pytest.fixture(params=["of oneself", "by one's own id"])
def own(request, alice):
    """Both addresses at which alice changes her own password."""
    return f"{USERS}change-password/" if request.param == "of oneself" else f"{governing.user(alice)}change-password/"


@pytest.fixture
def bobs(bob):
    return f"{governing.user(bob)}change-password/"


class TestOnesOwn:
    def test_answers_as_documented_with_new_tokens_beside_it(self, alice, own):
        answer = alice.post(own, CHANGE)
        assert (answer.status_code, list(answer.json())) == (200, ["message", "tokens"])
        assert answer.json()["message"] == "Contraseña actualizada exitosamente"
        access = answer.json()["tokens"]["access"]
        assert alice.get(f"{USERS}me/", Authorization=f"Bearer {access}").status_code == 200

    def test_is_the_one_to_log_in_with(self, alice, own):
        alice.post(own, CHANGE)
        assert [log_in(ALICE, word).status_code for word in (people.PASSWORD, STRONG)] == [401, 200]

    def test_ends_the_tokens_of_before_in_every_dialect(self, alice, own):
        token = alice.token
        alice.post(own, CHANGE)
        for path in (f"{USERS}me/", *OTHER_DIALECTS):
            assert alice.get(path, Authorization=f"Bearer {token}").status_code == 401

    @pytest.mark.parametrize("old", ["wrong", "x" * 4096])
    def test_needs_the_old_one(self, alice, own, old):
        with stored.nothing_written():
            found = details(alice.post(own, CHANGE | {"old_password": old}))
        assert found == {"old_password": ["La contraseña actual no es correcta"]}
        assert log_in(ALICE).status_code == 200

    def test_is_not_the_old_one_again(self, alice, own):
        body = dict.fromkeys(CHANGE, people.PASSWORD)
        assert details(alice.post(own, body)) == {"new_password": ["La contraseña nueva es la actual"]}

    @pytest.mark.parametrize("weak", ["abc", "password", "73920184756", ALICE])
    def test_is_refused_when_weak(self, alice, own, weak):
        body = CHANGE | {"new_password": weak, "new_password_confirm": weak}
        assert list(details(alice.post(own, body))) == ["new_password"]

    def test_is_refused_when_the_two_differ(self, alice, own):
        found = details(alice.post(own, CHANGE | {"new_password_confirm": "other"}))
        assert found == {"new_password_confirm": ["Las contraseñas no coinciden."]}

    @pytest.mark.parametrize("field", ["new_password", "new_password_confirm"])
    def test_asks_for_the_new_one(self, alice, own, field):
        body = {name: value for name, value in CHANGE.items() if name != field}
        assert details(alice.post(own, body))[field] == ["Este campo es obligatorio."]

    def test_may_be_guessed_only_so_often(self, alice, own, throttled):
        wrong = [alice.post(own, CHANGE | {"old_password": "wrong"}).status_code for _ in range(4)]
        right = alice.post(own, CHANGE)
        assert (wrong, right.status_code) == ([400, 400, 400, 429], 429)
        assert int(right["Retry-After"]) > 0

    def test_is_changed_once_with_one_key_and_the_tokens_are_not_kept(self, alice, own):
        first = alice.post(own, CHANGE, Idempotency_Key="one")
        access = first.json()["tokens"]["access"]
        again = alice.post(own, CHANGE, Idempotency_Key="one", Authorization=f"Bearer {access}")
        assert (first.status_code, again.status_code) == (200, 409)
        assert access not in str(stored.of_workspace(alice.workspace.pk))

    def test_of_anybody_needs_a_login_alone(self, ours):
        nobody = people.person_holding(ours)
        assert nobody.post(f"{USERS}change-password/", CHANGE).status_code == 200

    def test_without_the_old_one_is_refused_by_either_address(self, alice, own):
        with stored.nothing_written():
            assert list(details(alice.post(own, CHOSEN))) == ["old_password"]


class TestSomebodyElses:
    def test_is_chosen_without_the_old_one_and_gives_no_tokens(self, alice, bob, bobs):
        answer = alice.post(bobs, CHOSEN)
        assert (answer.status_code, answer.json()) == (
            200,
            {"message": "Contraseña actualizada exitosamente", "tokens": None},
        )
        assert log_in(bob.user.email, STRONG).status_code == 200

    def test_ends_their_tokens_in_every_dialect(self, alice, bob, bobs):
        token = bob.token
        alice.post(bobs, CHOSEN)
        for path in (f"{USERS}me/", *OTHER_DIALECTS):
            assert bob.get(path, Authorization=f"Bearer {token}").status_code == 401

    def test_has_to_be_changed_by_them(self, alice, bob, bobs):
        alice.post(bobs, CHOSEN)
        assert User.objects.get(pk=bob.user.pk).must_change_password is True

    def test_stands_in_no_ledger_and_no_answer(self, alice, bobs):
        answer = alice.post(bobs, CHOSEN, Idempotency_Key="one")
        assert STRONG not in answer.content.decode() + str(stored.of_workspace(alice.workspace.pk))

    def test_is_refused_when_weak_or_like_them(self, alice, bobs):
        for weak in ("abc", "bob@example.com"):
            with stored.nothing_written():
                found = details(alice.post(bobs, {"new_password": weak, "new_password_confirm": weak}))
            assert list(found) == ["new_password"]

    @pytest.mark.parametrize("name", ["carla", "dario"])
    def test_needs_the_permission_whatever_is_known_of_the_old_one(self, request, bobs, name):
        person = request.getfixturevalue(name)
        with stored.nothing_written():
            assert error(person.post(bobs, CHANGE)) == (403, DENIED)

    def test_of_another_workspace_s_is_404(self, alice, stranger):
        for user_id in (stranger.user.pk, 999_999):
            with stored.nothing_written():
                assert alice.post(f"{USERS}{user_id}/change-password/", CHOSEN).status_code == 404

    def test_of_an_older_version_is_412(self, alice, bob, bobs):
        seen = alice.get(governing.user(bob))["ETag"]
        alice.patch(governing.user(bob), {"first_name": "Roberto"})
        with stored.nothing_written():
            assert alice.post(bobs, CHOSEN, If_Match=seen).status_code == 412
