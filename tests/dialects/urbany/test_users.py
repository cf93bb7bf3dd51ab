"""/api/users/: creating, reading, changing and deleting users."""

import pytest

from backend.modules.identity.models import User
from backend.modules.ledger.models import Entry
from tests import make, people, stored
from tests.dialects.urbany import governing
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED, STRONG, USERS

pytestmark = pytest.mark.django_db

SHOWN = ["id", "email", "first_name", "last_name", "phone", "is_active", "date_joined", "last_login", "role", "roles"]
DETAIL = [*SHOWN, "username", "profile", "permissions", "two_factor_enabled"]
PROFILE = {"date_of_birth": "1990-01-01", "gender": "F", "city": "Ciudad de México"}
REQUIRED = "Este campo es obligatorio."


@pytest.fixture
def maria():
    """The body of the document's second description."""
    return {
        "email": "nuevo@ejemplo.com",
        "password": STRONG,
        "first_name": "María",
        "last_name": "García",
        "phone": "+52 55 9876 5432",
        "role": "user",
    }


@pytest.fixture
def made(alice, maria):
    """The address of a user as the document's examples have them, with a profile."""
    return f"{USERS}{alice.post(USERS, maria | {'profile': PROFILE}).json()['id']}/"


class TestCreate:
    def test_answers_201_with_the_union_of_both_descriptions(self, alice, maria):
        answer = alice.post(USERS, maria)
        assert (answer.status_code, list(answer.json())) == (201, SHOWN)
        shown = answer.json()
        assert {name: shown[name] for name in maria if name != "password"} == {
            name: value for name, value in maria.items() if name != "password"
        }
        assert (shown["is_active"], shown["last_login"], shown["roles"]) == (True, None, ["user"])
        assert shown["date_joined"].endswith("Z")

    def test_takes_the_body_of_the_first_description(self, alice):
        body = {"email": "nuevo@ejemplo.com", "password": STRONG, "first_name": "Nuevo", "last_name": "Usuario"}
        shown = alice.post(USERS, body).json()
        assert (shown["first_name"], shown["phone"], shown["role"]) == ("Nuevo", "", "user")

    def test_lets_them_log_in_by_their_address_in_any_case(self, alice, maria):
        alice.post(USERS, maria)
        assert governing.log_in("NUEVO@ejemplo.com", STRONG).status_code == 200

    def test_keeps_the_password_out_of_answer_and_ledger(self, alice, maria):
        answer = alice.post(USERS, maria, Idempotency_Key="one")
        assert STRONG not in answer.content.decode()
        assert STRONG not in str(stored.of_workspace(alice.workspace.pk))

    @pytest.mark.parametrize("name", ["sales", "SALES", " Sales "])
    def test_gives_a_role_by_key_or_name(self, alice, maria, name):
        assert alice.post(USERS, maria | {"role": name}).json()["role"] == "sales"

    def test_gives_a_role_of_the_workspace_s_own(self, alice, maria):
        make.role(alice.actor, name="Asesores de campo")
        shown = alice.post(USERS, maria | {"role": "asesores DE campo"}).json()
        assert (shown["role"], shown["roles"]) == ("Asesores de campo", ["Asesores de campo"])

    @pytest.mark.parametrize("name", ["boss", "Ajenos"])
    def test_refuses_a_role_that_is_none_by_the_field_it_came_in(self, alice, stranger, maria, name):
        make.role(stranger.actor, name="Ajenos")
        with stored.nothing_written():
            assert details(alice.post(USERS, maria | {"role": name})) == {"role": [f'No existe el rol "{name}".']}

    def test_without_a_role_or_with_null_makes_a_user(self, alice, maria):
        del maria["role"]
        assert alice.post(USERS, maria).json()["role"] == "user"
        assert alice.post(USERS, maria | {"email": "otra@ejemplo.com", "role": None}).json()["role"] == "user"

    def test_of_an_inactive_one_lets_them_in_only_later(self, alice, maria):
        made = alice.post(USERS, maria | {"is_active": False}).json()
        assert (made["is_active"], governing.log_in(maria["email"], STRONG).status_code) == (False, 403)
        alice.patch(f"{USERS}{made['id']}/", {"is_active": True})
        assert governing.log_in(maria["email"], STRONG).status_code == 200

    def test_keeps_the_profile(self, alice, made):
        assert alice.get(made).json()["profile"] == PROFILE

    @pytest.mark.parametrize("email", ["alice@example.com", "ALICE@Example.com", "stranger@example.com"])
    def test_refuses_an_address_that_is_taken_anywhere(self, alice, stranger, maria, email):
        with stored.nothing_written():
            assert details(alice.post(USERS, maria | {"email": email})) == {
                "email": ["Ya existe un usuario con este correo"]
            }

    @pytest.mark.parametrize("password", ["abc", "password", "73920184756", "nuevo@ejemplo.com"])
    def test_refuses_a_weak_password(self, alice, maria, password):
        with stored.nothing_written():
            assert list(details(alice.post(USERS, maria | {"password": password}))) == ["password"]

    def test_asks_for_the_required_fields(self, alice):
        assert details(alice.post(USERS, {})) == dict.fromkeys(["email", "first_name", "password"], [REQUIRED])

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", "nobody"), ("email", ""), ("email", f"{'x' * 250}@ejemplo.com"), ("email", "a\0@b.pe"),
            ("first_name", ""), ("first_name", "  "), ("first_name", "x" * 101), ("first_name", 7),
            ("last_name", "x" * 101), ("phone", "+" + "5" * 20), ("password", ""), ("password", "x" * 4097),
            ("is_active", "perhaps"), ("role", ""), ("role", "x" * 101), ("role", ["admin"]), ("profile", "none"),
            ("is_staff", True), ("is_superuser", True), ("workspace_id", 1), ("nombre", "María"),
        ],
    )  # fmt: skip
    def test_refuses_what_is_none_by_its_field(self, alice, maria, field, value):
        with stored.nothing_written():
            assert list(details(alice.post(USERS, maria | {field: value}))) == [field]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("date_of_birth", "2023-02-30"), ("date_of_birth", "30/01/1990"), ("date_of_birth", 5),
            ("date_of_birth", "0001-01-01"), ("date_of_birth", "99999-01-01"), ("gender", "x" * 21),
            ("city", "x" * 101), ("city", ["Lima"]), ("height", 180),
        ],
    )  # fmt: skip
    def test_refuses_a_profile_s_field_by_its_path(self, alice, maria, field, value):
        with stored.nothing_written():
            assert list(details(alice.post(USERS, maria | {"profile": {field: value}}))) == [f"profile.{field}"]

    def test_is_done_once_with_an_idempotency_key(self, alice, maria):
        first, second = (alice.post(USERS, maria, Idempotency_Key="one") for _ in range(2))
        assert (second.status_code, second.content) == (201, first.content)
        assert User.objects.filter(email=maria["email"]).count() == 1

    @pytest.mark.parametrize("name", ["bob", "carla", "dario"])
    def test_is_refused_without_the_permission(self, request, maria, name):
        person = request.getfixturevalue(name)
        with stored.nothing_written():
            assert error(person.post(USERS, maria)) == (403, DENIED)


class TestDetail:
    def test_has_the_union_of_both_descriptions(self, alice, maria, made):
        shown = alice.get(made).json()
        assert list(shown) == DETAIL
        assert (shown["email"], shown["phone"], shown["profile"]) == (maria["email"], maria["phone"], PROFILE)
        assert shown["permissions"] == [
            "attachments.view", "companies.view", "contacts.view", "contracts.view", "messaging.use",
            "opportunities.view",
        ]  # fmt: skip
        assert (shown["username"], shown["two_factor_enabled"]) == (maria["email"], False)

    def test_of_several_roles_names_the_highest_first_and_all_permissions(self, alice, ours):
        eva = people.person("eva", ours, "user", "manager", "sales")
        shown = alice.get(governing.user(eva)).json()
        assert (shown["role"], shown["roles"]) == ("manager", ["manager", "sales", "user"])
        assert {"contacts.delete", "contacts.view"} <= set(shown["permissions"])

    def test_of_who_has_no_role_says_so(self, alice, ours):
        nobody = people.person("nobody", ours)
        shown = alice.get(governing.user(nobody)).json()
        assert (shown["role"], shown["roles"], shown["permissions"]) == (None, [], [])

    def test_says_whether_a_second_factor_is_on(self, alice, bob):
        make.code_of(bob.user)
        assert alice.get(governing.user(bob)).json()["two_factor_enabled"] is True

    def test_says_when_they_last_logged_in(self, alice, made, maria):
        governing.log_in(maria["email"], STRONG)
        assert alice.get(made).json()["last_login"].endswith("Z")

    def test_of_oneself_is_the_same_as_me(self, dario):
        mine = dario.get(f"{USERS}me/")
        assert (mine.status_code, list(mine.json())) == (200, DETAIL)
        assert dario.get(governing.user(dario)).json() == mine.json()
        assert (mine.json()["email"], mine.json()["roles"]) == ("dario@example.com", ["user"])

    @pytest.mark.parametrize("number", ["0", "999999", "9223372036854775808", "1" * 40])
    def test_of_nobody_is_404(self, alice, number):
        assert alice.get(f"{USERS}{number}/").status_code == 404

    def test_of_another_workspace_is_404(self, alice, stranger):
        assert error(alice.get(governing.user(stranger))) == (404, "El recurso no existe")


class TestDelete:
    def test_answers_204_and_they_are_gone(self, alice, made):
        answer = alice.delete(made)
        assert (answer.status_code, answer.content) == (204, b"")
        assert alice.get(made).status_code == 404
        assert alice.get(USERS).json()["count"] == 1
        assert alice.delete(made).status_code == 404

    def test_ends_their_sessions_at_once_in_every_dialect(self, alice, bob):
        token = bob.token
        alice.delete(governing.user(bob))
        for path in ("/api/users/me/", "/api/me/", "/api/v1/clientes/", "/v1/contacts"):
            assert bob.get(path, Authorization=f"Bearer {token}").status_code == 401

    def test_shuts_them_out(self, alice, made, maria):
        assert governing.log_in(maria["email"], STRONG).status_code == 200
        alice.delete(made)
        assert governing.log_in(maria["email"], STRONG).status_code == 401

    def test_leaves_their_name_on_what_they_wrote(self, alice, bob):
        body = {"first_name": "Jane", "last_name": "Smith", "email": "jane@example.com"}
        client = bob.post("/api/clients/", body).json()
        alice.delete(governing.user(bob))
        shown = alice.get(f"/api/clients/{client['id']}/").json()
        assert (shown["created_by"], shown["created_by_name"]) == (bob.user.pk, client["created_by_name"])
        [entry] = Entry.objects.of(alice.actor).filter(verb="contact.created")
        assert (entry.username, entry.user_id) == ("bob", bob.user.pk)

    def test_frees_their_address_for_somebody_new(self, alice, made, maria):
        first = alice.get(made).json()["id"]
        alice.delete(made)
        again = alice.post(USERS, maria | {"password": f"{STRONG} more"})
        assert (again.status_code, again.json()["id"] != first) == (201, True)
        assert governing.log_in(maria["email"], STRONG).status_code == 401
        assert governing.log_in(maria["email"], f"{STRONG} more").json()["user"]["id"] == again.json()["id"]

    def test_of_a_member_of_two_workspaces_leaves_the_other_one(self, alice, bob, theirs, stranger):
        people.join(bob, theirs, "sales")
        there = people.Person(bob.user, theirs)
        alice.delete(governing.user(bob))
        assert bob.get("/api/users/me/").status_code == 401
        assert there.get("/api/clients/").status_code == 200
        assert stranger.get(governing.user(bob)).json()["is_active"] is True

    @pytest.mark.parametrize("name", ["bob", "carla", "dario"])
    def test_is_refused_without_the_permission(self, request, made, name):
        person = request.getfixturevalue(name)
        with stored.nothing_written():
            assert error(person.delete(made)) == (403, DENIED)

    def test_of_another_workspace_s_is_404(self, alice, stranger):
        with stored.nothing_written():
            assert alice.delete(governing.user(stranger)).status_code == 404

    def test_is_done_once_with_an_idempotency_key(self, alice, made):
        answers = [alice.delete(made, Idempotency_Key="one") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [204, 204]
