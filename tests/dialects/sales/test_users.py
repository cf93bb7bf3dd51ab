"""/api/v1/auth/: register, login, refresh, usuarios."""

import pytest

from backend.core.actor import Actor
from backend.modules.identity import actions, queries
from tests import people, stored

pytestmark = pytest.mark.django_db

USER = ["id", "username", "nombre_completo", "email", "tipo", "activo", "fecha_creacion"]
STRONG = "tres tristes tigres 3"
DENIED = "No tiene permiso para realizar esta acción"


@pytest.fixture
def ana():
    """A body that registers a regular user."""
    return {
        "nombre_completo": "Ana María  Pérez",
        "username": "ana",
        "email": "ana@example.com",
        "password": STRONG,
        "password_confirm": STRONG,
        "tipo": "regular",
    }


def post(client, name, body):
    return client.post(f"/api/v1/auth/{name}/", body, content_type="application/json")


def log_in(client, username="alice", password=people.PASSWORD):
    return post(client, "login", {"username": username, "password": password})


def details(answer):
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    return answer.json()["error"]["details"]


class TestRegister:
    def test_answers_201_with_the_user(self, client, ours, ana):
        answer = post(client, "register", ana)
        assert (answer.status_code, list(answer.json())) == (201, ["success", "data", "message"])
        assert (answer.json()["success"], answer.json()["message"]) == (True, "Usuario creado exitosamente")
        assert list(answer.json()["data"]) == USER

    def test_keeps_what_was_given(self, client, ours, ana):
        made = post(client, "register", ana).json()["data"]
        assert made["nombre_completo"] == "Ana María Pérez"
        assert (made["username"], made["email"], made["tipo"], made["activo"]) == (
            "ana", "ana@example.com", "regular", True,
        )  # fmt: skip

    def test_makes_a_user_who_can_log_in_as_a_salesperson(self, client, ours, ana):
        post(client, "register", ana)
        access = log_in(client, "ana", STRONG).json()["data"]["access"]
        headers = {"Authorization": f"Bearer {access}"}
        assert client.get("/api/v1/clientes/", headers=headers).status_code == 200
        assert client.get("/api/v1/auth/usuarios/", headers=headers).status_code == 403

    def test_of_anybody_goes_into_the_first_workspace(self, client, ours, theirs, ana):
        made = post(client, "register", ana).json()["data"]
        assert queries.active_member(Actor.system(ours.pk), made["id"]) is not None
        assert queries.active_member(Actor.system(theirs.pk), made["id"]) is None

    def test_by_an_administrator_goes_into_their_workspace(self, stranger, ours, theirs, ana):
        made = stranger.post("/api/v1/auth/register/", ana).json()["data"]
        assert queries.active_member(Actor.system(theirs.pk), made["id"]) is not None
        assert queries.active_member(Actor.system(ours.pk), made["id"]) is None

    def test_of_an_administrator_needs_one(self, client, alice, ana):
        with stored.nothing_written():
            assert post(client, "register", ana | {"tipo": "admin"}).status_code == 403
        made = alice.post("/api/v1/auth/register/", ana | {"tipo": "admin"})
        assert (made.status_code, made.json()["data"]["tipo"]) == (201, "admin")

    @pytest.mark.parametrize("mode", ["open", "invite"])
    def test_of_an_administrator_is_refused_to_everybody_else(self, bob, ana, settings, mode):
        settings.REGISTRATION = mode
        with stored.nothing_written():
            answer = bob.post("/api/v1/auth/register/", ana | {"tipo": "admin"})
        assert (answer.status_code, answer.json()["error"]["message"]) == (403, DENIED)

    def test_by_invitation_is_refused_without_an_administrator(self, client, alice, bob, ana, settings):
        settings.REGISTRATION = "invite"
        with stored.nothing_written():
            nobodys, bobs = post(client, "register", ana), bob.post("/api/v1/auth/register/", ana)
        assert [answer.json()["error"]["code"] for answer in (nobodys, bobs)] == ["PERMISSION_DENIED"] * 2
        assert nobodys.json()["error"]["message"] == "El registro es solo por invitación"
        assert alice.post("/api/v1/auth/register/", ana).status_code == 201

    def test_with_a_token_that_does_not_hold_is_401(self, client, ours, ana):
        headers = {"Authorization": "Bearer broken"}
        answer = client.post("/api/v1/auth/register/", ana, content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")

    def test_refuses_passwords_that_differ(self, client, ours, ana):
        answer = post(client, "register", ana | {"password_confirm": STRONG + "!"})
        assert details(answer) == {"password_confirm": ["Las contraseñas no coinciden."]}

    @pytest.mark.parametrize(
        ("password", "words"),
        [
            ("abc", "La contraseña es demasiado corta. Debe contener por lo menos 8 caracteres."),
            ("password", "Esta contraseña es demasiado común."),
            ("73920184756", "Esta contraseña es completamente numérica."),
            ("ana@example.com", "La contraseña es demasiado similar a"),
        ],
    )
    def test_refuses_a_weak_password_in_spanish(self, client, ours, ana, password, words):
        with stored.nothing_written():
            answer = post(client, "register", ana | {"password": password, "password_confirm": password})
        assert list(details(answer)) == ["password"]
        assert words in details(answer)["password"][0]

    @pytest.mark.parametrize("username", ["alice", "ALICE", " Alice "])
    def test_refuses_a_user_name_that_is_taken_in_any_case(self, client, alice, ana, username):
        with stored.nothing_written():
            answer = post(client, "register", ana | {"username": username})
        assert details(answer) == {"username": ["Ya existe un usuario con este nombre"]}

    def test_refuses_an_address_that_is_taken_in_any_case(self, client, alice, ana):
        with stored.nothing_written():
            answer = post(client, "register", ana | {"email": "Alice@Example.com"})
        assert details(answer) == {"email": ["Ya existe un usuario con este correo"]}

    def test_asks_for_the_required_fields(self, client, ours):
        required = ["nombre_completo", "username", "email", "password", "password_confirm"]
        assert details(post(client, "register", {})) == dict.fromkeys(required, ["Este campo es obligatorio."])

    def test_refuses_a_type_that_is_none(self, client, ours, ana):
        answer = post(client, "register", ana | {"tipo": "manager"})
        assert details(answer) == {"tipo": ['"manager" no es una opción válida.']}


class TestLogin:
    def test_answers_both_tokens_and_the_user(self, client, alice):
        body = log_in(client).json()
        assert (body["success"], body["message"]) == (True, "Login exitoso")
        assert list(body["data"]) == ["access", "refresh", "user"]
        assert list(body["data"]["user"]) == USER
        assert (body["data"]["user"]["username"], body["data"]["user"]["tipo"]) == ("alice", "admin")

    def test_gives_a_token_for_every_dialect(self, client, alice):
        headers = {"Authorization": f"Bearer {log_in(client).json()['data']['access']}"}
        assert client.get("/api/v1/auth/usuarios/", headers=headers).status_code == 200
        assert client.get("/api/me/", headers=headers).json()["username"] == "alice"

    @pytest.mark.parametrize(("username", "password"), [("alice", "wrong"), ("nobody", people.PASSWORD)])
    def test_does_not_say_which_of_the_two_is_wrong(self, client, alice, username, password):
        answer = log_in(client, username, password)
        assert answer.status_code == 401
        assert answer.json()["error"] == {
            "code": "INVALID_CREDENTIALS",
            "message": "Usuario o contraseña incorrectos",
            "details": {},
        }

    def test_refuses_a_deactivated_user_with_403_if_the_password_is_right(self, client, alice, ours):
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        right, wrong = log_in(client), log_in(client, password="wrong")
        assert (right.status_code, right.json()["error"]["code"]) == (403, "PERMISSION_DENIED")
        assert right.json()["error"]["message"] == "El usuario está desactivado"
        assert wrong.status_code == 401


class TestRefresh:
    def test_answers_a_new_access_token_alone(self, client, alice):
        body = post(client, "refresh", {"refresh": log_in(client).json()["data"]["refresh"]}).json()
        assert (list(body["data"]), body["message"]) == (["access"], "Token refrescado exitosamente")
        headers = {"Authorization": f"Bearer {body['data']['access']}"}
        assert client.get("/api/v1/empresas/", headers=headers).status_code == 200

    def test_refuses_what_is_no_refresh_token(self, client, alice):
        for token in ("broken", "a.b.c", alice.token):
            answer = post(client, "refresh", {"refresh": token})
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")

    def test_refuses_the_token_of_a_deactivated_user(self, client, alice, ours):
        token = log_in(client).json()["data"]["refresh"]
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert post(client, "refresh", {"refresh": token}).status_code == 401


class TestUsers:
    def test_are_those_of_the_workspace_by_user_name(self, alice, dario, bob, stranger):
        page = alice.get("/api/v1/auth/usuarios/").json()
        assert list(page) == ["count", "next", "previous", "success", "data", "message"]
        assert (page["count"], [row["username"] for row in page["data"]]) == (3, ["alice", "bob", "dario"])
        assert [row["tipo"] for row in page["data"]] == ["admin", "regular", "regular"]
        assert list(page["data"][0]) == USER

    def test_come_in_pages(self, alice, bob, dario):
        page = alice.get("/api/v1/auth/usuarios/?page_size=2&page=2").json()
        assert (page["count"], [row["username"] for row in page["data"]]) == (3, ["dario"])
        assert page["previous"] == "http://testserver/api/v1/auth/usuarios/?page_size=2"

    def test_show_who_is_deactivated(self, alice, bob, ours):
        actions.set_active(Actor.system(ours.pk), bob.user.pk, is_active=False)
        rows = alice.get("/api/v1/auth/usuarios/").json()["data"]
        assert [row["activo"] for row in rows] == [True, False]

    def test_are_shown_to_administrators_alone(self, bob):
        answer = bob.get("/api/v1/auth/usuarios/")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "PERMISSION_DENIED")

    def test_cost_the_same_queries_however_many_there_are(self, ours, counted):
        for number in range(5):
            people.person(f"user{number}", ours, "sales")
        counted("/api/v1/auth/usuarios/", queries=4)
