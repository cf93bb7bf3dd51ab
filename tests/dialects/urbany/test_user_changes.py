"""PUT and PATCH of /api/users/{id}/: what is sent is changed, the rest stays; `ETag`, `If-Match`, `Idempotency-Key`."""

import pytest

from backend.modules.ledger.models import Entry
from tests import people, stored
from tests.dialects.urbany import governing
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED, STRONG, USERS
from tests.dialects.urbany.test_users import PROFILE, SHOWN

pytestmark = pytest.mark.django_db

NULL = "Este campo no puede ser nulo."
METHODS = pytest.mark.parametrize("method", ["put", "patch"])


@pytest.fixture
def path(alice):
    """The address of Juan, whose every field is filled in."""
    body = {
        "email": "juan@ejemplo.com",
        "password": STRONG,
        "first_name": "Juan",
        "last_name": "Pérez",
        "phone": "+52 55 1234 5678",
        "profile": PROFILE,
        "role": "sales",
    }
    return f"{USERS}{alice.post(USERS, body).json()['id']}/"


@METHODS
class TestAChange:
    def test_answers_200_with_the_user(self, alice, path, method):
        body = {
            "email": "usuario_actualizado@ejemplo.com",
            "first_name": "Juan Carlos",
            "last_name": "Pérez López",
            "phone": "+52 55 0000 0000",
            "is_active": False,
        }
        answer = getattr(alice, method)(path, body)
        assert (answer.status_code, list(answer.json())) == (200, SHOWN)
        assert {name: answer.json()[name] for name in body} == body
        assert {name: alice.get(path).json()[name] for name in SHOWN} == answer.json()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", "otro@ejemplo.com"), ("first_name", "Juana"), ("last_name", ""), ("phone", ""),
            ("is_active", False), ("role", "user"),
        ],
    )  # fmt: skip
    def test_of_one_field_leaves_the_others(self, alice, path, method, field, value):
        before = alice.get(path).json()
        getattr(alice, method)(path, {field: value})
        after = alice.get(path).json()
        follows = {"email": ["username"], "role": ["roles", "permissions"]}.get(field, [])
        assert {name for name in before if before[name] != after[name]} == {field, *follows}
        assert after[field] == value

    @pytest.mark.parametrize(("field", "value"), [("date_of_birth", "1991-02-28"), ("gender", "X"), ("city", "Lima")])
    def test_of_one_field_of_the_profile_leaves_the_others(self, alice, path, method, field, value):
        getattr(alice, method)(path, {"profile": {field: value}})
        assert alice.get(path).json()["profile"] == PROFILE | {field: value}

    def test_with_nulls_empties_what_may_be_empty(self, alice, path, method):
        answer = getattr(alice, method)(
            path, {"phone": None, "profile": {"date_of_birth": None, "gender": None, "city": None}}
        )
        assert (answer.status_code, answer.json()["phone"]) == (200, "")
        assert alice.get(path).json()["profile"] == {"date_of_birth": None, "gender": "", "city": ""}

    def test_refuses_nulls_elsewhere(self, alice, path, method):
        fields = ["email", "first_name", "last_name", "is_active"]
        with stored.nothing_written():
            assert details(getattr(alice, method)(path, dict.fromkeys(fields))) == dict.fromkeys(fields, [NULL])

    def test_with_no_role_and_no_profile_is_none_of_them(self, alice, path, method):
        before = alice.get(path)
        assert getattr(alice, method)(path, {"role": None, "profile": None}).status_code == 200
        assert (alice.get(path).json(), alice.get(path)["ETag"]) == (before.json(), before["ETag"])

    def test_of_nothing_writes_nothing(self, alice, path, method):
        read = alice.get(path)
        for body in ({}, read.json(), alice.get(USERS).json()["results"][-1]):
            with stored.nothing_written():
                answer = getattr(alice, method)(path, body)
            assert (answer.status_code, answer["ETag"]) == (200, read["ETag"])
        assert alice.get(path).json() == read.json()

    def test_that_sends_back_what_me_answered_writes_nothing(self, dario, alice, method):
        for person in (dario, alice):
            mine = person.get(f"{USERS}me/").json()
            with stored.nothing_written():
                assert getattr(person, method)(governing.user(person), mine).status_code == 200

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"nombre": "Juan"}, "nombre"),
            ({"password": STRONG}, "password"),
            ({"is_superuser": True}, "is_superuser"),
            ({"profile": {"role": "admin"}}, "profile.role"),
            ({"profile": {"date_of_birth": "2023-02-29"}}, "profile.date_of_birth"),
            ({"phone": "5" * 21}, "phone"),
            ({"first_name": "x" * 100_000}, "first_name"),
            ({"email": "x" * 100_000 + "@ejemplo.com"}, "email"),
            ({"role": "boss"}, "role"),
            ({"role": 1}, "role"),
        ],
    )  # fmt: skip
    def test_refuses_what_is_none_by_its_field(self, alice, path, method, body, field):
        with stored.nothing_written():
            assert list(details(getattr(alice, method)(path, body))) == [field]

    @pytest.mark.parametrize("body", [b"{", b"[1]", b"null", b'"a"', b""])
    def test_refuses_what_is_no_object(self, alice, path, method, body):
        with stored.nothing_written():
            assert getattr(alice, method)(path, body).status_code == 400

    def test_to_an_address_that_is_taken_is_400(self, alice, bob, path, method):
        with stored.nothing_written():
            answer = getattr(alice, method)(path, {"email": "BOB@example.com"})
        assert details(answer) == {"email": ["Ya existe un usuario con este correo"]}

    def test_of_nobody_is_404(self, alice, stranger, method):
        with stored.nothing_written():
            for path in (f"{USERS}999999/", governing.user(stranger)):
                assert getattr(alice, method)(path, {"first_name": "Juan"}).status_code == 404


class TestAnotherAddress:
    def test_is_the_one_to_log_in_with_and_the_user_name_follows(self, alice, path):
        alice.patch(path, {"email": "otro@ejemplo.com"})
        assert governing.log_in("otro@ejemplo.com", STRONG).status_code == 200
        assert governing.log_in("juan@ejemplo.com", STRONG).status_code == 401
        assert alice.get(path).json()["username"] == "otro@ejemplo.com"

    def test_that_differs_in_case_alone_is_the_user_name_too(self, alice, path):
        assert alice.patch(path, {"email": "Juan@Ejemplo.com"}).json()["email"] == "Juan@Ejemplo.com"
        assert alice.get(path).json()["username"] == "Juan@Ejemplo.com"

    def test_leaves_a_user_name_that_was_chosen(self, alice, bob):
        alice.patch(governing.user(bob), {"email": "roberto@example.com"})
        assert alice.get(governing.user(bob)).json()["username"] == "bob"

    def test_that_is_somebody_s_user_name_gets_another(self, alice, ours, path):
        named = people.person("taken@ejemplo.com", ours)
        alice.patch(governing.user(named), {"email": "named@ejemplo.com"})
        answer = alice.patch(path, {"email": "taken@ejemplo.com"})
        assert answer.status_code == 200
        assert alice.get(path).json()["username"].startswith("taken-")


class TestAnotherRole:
    def test_takes_the_place_of_all_held_from_the_next_request_on(self, alice, ours):
        eva = people.person("eva", ours, "sales", "user")
        token = eva.token
        assert alice.patch(governing.user(eva), {"role": "manager"}).json()["roles"] == ["manager"]
        jane = {"first_name": "Jane", "last_name": "Smith", "email": "jane@example.com"}
        assert eva.post("/api/clients/", jane, Authorization=f"Bearer {token}").status_code == 201
        alice.patch(governing.user(eva), {"role": "user"})
        john = jane | {"email": "john@example.com"}
        assert eva.post("/api/clients/", john, Authorization=f"Bearer {token}").status_code == 403

    def test_that_they_are_shown_with_already_leaves_the_others(self, alice, ours):
        eva = people.person("eva", ours, "sales", "user")
        assert alice.patch(governing.user(eva), {"role": "Sales"}).json()["roles"] == ["sales", "user"]

    def test_stands_in_the_ledger(self, alice, path):
        alice.patch(path, {"role": "manager"})
        entries = Entry.objects.of(alice.actor).filter(action="user.update", table="membership_roles")
        assert sorted(entries.values_list("verb", flat=True)) == ["membershiprole.created", "membershiprole.deleted"]


class TestAnInactiveUser:
    def test_is_refused_from_the_next_request_on_and_let_in_again(self, alice, bob):
        token = bob.token
        alice.patch(governing.user(bob), {"is_active": False})
        assert bob.get("/api/users/me/", Authorization=f"Bearer {token}").status_code == 401
        alice.patch(governing.user(bob), {"is_active": True})
        assert bob.get("/api/users/me/", Authorization=f"Bearer {token}").status_code == 200

    def test_who_is_shut_out_everywhere_is_sent_back_as_they_are(self, alice, bob):
        bob.user.is_active = False
        people.writing(alice.workspace.pk, bob.user.save)
        shown = alice.get(governing.user(bob)).json()
        with stored.nothing_written():
            assert alice.put(governing.user(bob), shown).status_code == 200
        assert shown["is_active"] is False


class TestIfMatch:
    def test_takes_the_version_that_was_read(self, alice, path):
        seen = alice.get(path)["ETag"]
        answer = alice.patch(path, {"first_name": "Juana"}, If_Match=seen)
        assert (answer.status_code, answer["ETag"]) == (200, alice.get(path)["ETag"])
        assert answer["ETag"] != seen

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    @pytest.mark.parametrize("meanwhile", [{"first_name": "Juana"}, {"role": "user"}, {"is_active": False}])
    def test_of_an_older_version_is_412_with_the_user_as_they_are(self, alice, path, method, meanwhile):
        seen = alice.get(path)["ETag"]
        alice.patch(path, meanwhile)
        now = alice.get(path)
        with stored.nothing_written():
            answer = getattr(alice, method)(path, *([] if method == "delete" else [{"phone": "1"}]), If_Match=seen)
        assert (answer.status_code, answer.json(), answer["ETag"]) == (412, now.json(), now["ETag"])

    def test_guards_the_assignment_of_a_role(self, alice, ours, path):
        seen = alice.get(path)["ETag"]
        alice.patch(path, {"first_name": "Juana"})
        with stored.nothing_written():
            answer = alice.post(f"{path}assign-role/", {"role_id": governing.role(ours, "user")}, If_Match=seen)
        assert error(answer) == (412, "El registro ha cambiado desde que se leyó")

    def test_does_not_show_a_user_to_who_may_not_read_them(self, ours, path):
        changer = people.person_holding(ours, "users.change")
        answer = changer.patch(path, {"first_name": "Juana"}, If_Match='"999"')
        assert error(answer) == (403, DENIED)


class TestTheSameChangeWithOneKey:
    def test_is_done_once(self, alice, path):
        first = alice.patch(path, {"first_name": "Juana"}, Idempotency_Key="one")
        alice.patch(path, {"first_name": "Juan"})
        again = alice.patch(path, {"first_name": "Juana"}, Idempotency_Key="one")
        assert (again.status_code, again.content) == (200, first.content)
        assert alice.get(path).json()["first_name"] == "Juan"
