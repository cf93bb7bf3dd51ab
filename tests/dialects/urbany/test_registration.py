"""POST /api/auth/register/."""

from collections import Counter

import pytest

from backend.modules.identity.models import Membership, User
from backend.modules.ledger.models import Entry
from tests import make, people, stored
from tests.dialects.urbany.entering import STRONG, details, error, get, log_in, post, send, tokens_of
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

ANA = {
    "email": "Ana.Perez@example.com",
    "password": STRONG,
    "password_confirm": STRONG,
    "first_name": "Ana María",
    "last_name": "Pérez",
}
CLOSED = (403, "El registro es solo por invitación")


def register(token=None, headers=None, **fields):
    return post("register", ANA | fields, token, **headers or {})


def membership(email=ANA["email"]):
    return Membership.across_workspaces.get(user__email=email)


class TestRegister:
    @pytest.fixture(autouse=True)
    def is_open(self, settings, ours):
        settings.REGISTRATION = "open"

    def test_answers_as_documented(self):
        answer = register()
        assert answer.status_code == 201, answer.content
        assert answer.json() == {
            "message": "Usuario registrado exitosamente",
            "user": {
                "id": User.objects.get(email=ANA["email"]).pk,
                "email": "Ana.Perez@example.com",
                "first_name": "Ana María",
                "last_name": "Pérez",
            },
        }

    def test_makes_a_member_of_the_first_workspace_who_is_nothing_but_a_user(self, ours, theirs):
        register()
        found = membership()
        assert (found.workspace_id, found.is_active) == (ours.pk, True)
        assert [role.key for role in found.roles.all()] == ["user"]
        assert (found.user.username, found.user.is_staff, found.user.is_superuser) == (ANA["email"], False, False)
        assert found.user.must_change_password is False

    def test_lets_them_log_in_in_every_dialect(self, ours):
        register()
        assert log_in("ana.perez@EXAMPLE.com", STRONG).status_code == 200
        by_name = {"username": ANA["email"], "password": STRONG}
        by_company = {"email": ANA["email"], "password": STRONG, "companyId": ours.pk}
        assert send("/api/v1/auth/login/", by_name).status_code == 200
        assert send("/api/token/", by_name).status_code == 200
        assert send("/v1/auth/login", by_company).status_code == 200

    @pytest.mark.parametrize("password", ["contraseña123", "testpass123"])
    def test_takes_the_passwords_of_the_document(self, password):
        assert register(password=password, password_confirm=password).status_code == 201
        assert log_in(ANA["email"], password).status_code == 200

    def test_does_without_a_last_name(self):
        answer = post("register", {name: value for name, value in ANA.items() if name != "last_name"})
        assert (answer.status_code, answer.json()["user"]["last_name"]) == (201, "")

    def test_takes_an_address_that_is_longer_than_a_user_name(self):
        email = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example"
        assert register(email=email).status_code == 201
        assert log_in(email, STRONG).status_code == 200

    def test_takes_an_address_that_is_somebody_else_s_user_name(self, ours):
        taken = people.person("nina", ours).user
        taken.username = "ana.perez@example.com"
        people.writing(ours.pk, taken.save)
        assert register().status_code == 201
        assert log_in(ANA["email"], STRONG).json()["user"]["email"] == ANA["email"]

    @pytest.mark.parametrize("email", ["alice@example.com", "ALICE@Example.com", " alice@example.com "])
    def test_refuses_an_address_that_is_taken_in_any_case(self, alice, email):
        with stored.nothing_written():
            assert details(register(email=email)) == {"email": ["Ya existe un usuario con este correo"]}

    def test_takes_the_address_of_who_was_deleted(self, alice, bob):
        assert alice.delete(f"/api/users/{bob.user.pk}/").status_code == 204
        assert register(email="bob@example.com").status_code == 201
        assert membership("bob@example.com").user_id != bob.user.pk

    @pytest.mark.parametrize(
        ("password", "sentence"),
        [
            ("abc", "La contraseña es demasiado corta."),
            ("password", "Esta contraseña es demasiado común."),
            ("83741920573", "Esta contraseña es completamente numérica."),
            ("ana.perez@example.com", "La contraseña es demasiado similar a"),
        ],
    )
    def test_refuses_a_weak_password_and_says_why(self, password, sentence):
        with stored.nothing_written():
            reasons = details(register(password=password, password_confirm=password))
        assert list(reasons) == ["password"]
        assert sentence in reasons["password"][0]

    def test_refuses_a_confirmation_that_differs(self):
        with stored.nothing_written():
            reasons = details(register(password_confirm=f"{STRONG} "))
        assert reasons == {"password_confirm": ["Las contraseñas no coinciden."]}

    def test_asks_for_what_the_document_has(self):
        fields = ["email", "password", "password_confirm", "first_name"]
        assert details(post("register", {})) == dict.fromkeys(fields, ["Este campo es obligatorio."])

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", "ana"),
            ("email", ""),
            ("email", f"{'a' * 250}@example.com"),
            ("email", "ana@example.com\0"),
            ("email", None),
            ("first_name", " "),
            ("first_name", "x" * 101),
            ("last_name", "x" * 101),
            ("last_name", "\0"),
            ("role", "admin"),
            ("is_superuser", True),
        ],
    )
    def test_names_the_field_that_is_wrong(self, field, value):
        with stored.nothing_written():
            assert list(details(register(**{field: value}))) == [field]

    @pytest.mark.parametrize("password", ["", None, 12345678, "x" * 4097])
    def test_names_a_password_that_is_none(self, password):
        with stored.nothing_written():
            assert "password" in details(register(password=password, password_confirm=password))

    def test_leaves_no_password_in_the_ledger(self):
        register()
        entry = Entry.across_workspaces.get(verb="user.created", new__email=ANA["email"])
        assert (entry.new["password"], entry.new["password_stamp"]) == ("********", "********")

    @pytest.mark.parametrize("header", ["", "Bearer ", "Bearer", "Basic YWxpY2U6YWxpY2U="])
    def test_takes_an_empty_token_for_none(self, header):
        assert register(headers={"Authorization": header}).status_code == 201

    def test_refuses_a_token_that_does_not_hold(self):
        with stored.nothing_written():
            assert error(register("broken")) == (401, "El token no es válido o ha expirado")

    def test_by_a_member_without_the_right_counts_as_by_anybody(self, ours, theirs):
        nina = people.person("nina", theirs, "sales")
        assert register(nina.token).status_code == 201
        assert membership().workspace_id == ours.pk

    def test_by_an_administrator_is_into_their_own_workspace(self, stranger):
        assert register(stranger.token).status_code == 201
        assert membership().workspace_id == stranger.workspace.pk


class TestRegisterByInvitation:
    @pytest.fixture(autouse=True)
    def is_by_invitation(self, settings, ours):
        settings.REGISTRATION = "invite"

    @pytest.mark.parametrize("header", [None, "", "Bearer "])
    def test_is_closed_to_who_has_no_token(self, header):
        with stored.nothing_written():
            assert error(register(headers={} if header is None else {"Authorization": header})) == CLOSED

    def test_is_closed_to_who_may_not_create_users(self, bob, carla):
        with stored.nothing_written():
            assert [error(register(each.token)) for each in (bob, carla)] == [CLOSED, CLOSED]

    def test_is_open_to_an_administrator_and_makes_a_user(self, alice, ours):
        assert register(alice.token).status_code == 201
        found = membership()
        assert (found.workspace_id, [role.key for role in found.roles.all()]) == (ours.pk, ["user"])
        assert get("/api/users/", tokens_of(log_in(ANA["email"], STRONG))["access"]).status_code == 403

    def test_is_open_to_who_may_create_users_and_no_more(self, ours):
        assert register(people.person_holding(ours, "users.add").token).status_code == 201

    def test_is_closed_to_an_api_key(self, alice):
        _, key = make.api_key(alice.actor)
        assert error(register(headers={"X_API_Key": key})) == CLOSED

    def test_tells_who_is_shut_out_nothing_about_addresses(self, alice):
        assert error(register(email="alice@example.com")) == CLOSED


class TestAServerWithoutAWorkspace:
    def test_registers_nobody_and_says_so(self, db, settings):
        settings.REGISTRATION = "open"
        answer = register()
        assert 400 <= answer.status_code < 500, answer.content
        assert not User.objects.exists()


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestManyRegistrationsOfOneAddress:
    def test_make_one_user_and_refuse_the_others_on_the_address(self, ours, settings):
        settings.REGISTRATION = "open"
        spellings = ["ana@example.com", "ANA@example.com"]
        answers = at_once(12, lambda which: register(email=spellings[which % 2]))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 400: 11}
        refused = [details(answer) for answer in answers if answer.status_code == 400]
        assert refused == [{"email": ["Ya existe un usuario con este correo"]}] * 11
        assert User.objects.filter(email_key="ana@example.com").count() == 1
