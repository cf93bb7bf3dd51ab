"""/users: for administrators, with the three roles of the document; all of a change or nothing of it."""

import pytest

from backend.modules.identity.models import Membership, User
from backend.modules.ledger.models import Entry
from tests import make, people, stored
from tests.dialects.leads.conftest import faults

pytestmark = pytest.mark.django_db

ROW = ["id", "username", "email", "full_name", "role", "is_active", "created_at"]
STRONG = "una clave larga 7"


@pytest.fixture
def maria():
    return {"username": "maria", "email": "maria@example.com", "full_name": "María  García Pérez", "password": STRONG}


def path(person):
    return f"/users/{person.user.pk}"


class TestCreating:
    def test_makes_a_salesperson_unless_it_says_otherwise(self, alice, maria):
        answer = alice.post("/users", maria)
        assert (answer.status_code, list(answer.json())) == (201, ROW)
        assert answer.json().items() >= {
            "username": "maria", "full_name": "María García Pérez", "role": "sales", "is_active": True,
        }.items()  # fmt: skip

    @pytest.mark.parametrize("role", ["admin", "sales", "management", "Management"])
    def test_gives_the_role_that_is_named(self, alice, client, maria, role):
        assert alice.post("/users", maria | {"role": role}).json()["role"] == role.lower()
        token = client.post("/auth/login", {"username": "maria", "password": STRONG}).json()["access_token"]
        found = client.get("/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
        assert found["role"] == role.lower()

    def test_gives_another_role_of_the_workspace_by_its_name(self, alice, maria):
        make.role(alice.actor, name="Becarios")
        assert alice.post("/users", maria | {"role": "becarios"}).json()["role"] == "Becarios"

    @pytest.mark.parametrize(
        ("field", "value", "kind"),
        [
            ("role", "jefe", "value_error"), ("role", None, "string_type"), ("password", "12345", "value_error"),
            ("email", "maria", "value_error"), ("username", " ", "string_too_short"),
            ("is_active", "quizás", "bool_parsing"), ("phone", "1", "extra_forbidden"),
        ],
    )  # fmt: skip
    def test_names_the_field_that_is_wrong(self, alice, maria, field, value, kind):
        assert faults(alice.post("/users", maria | {field: value})) == [(["body", field], kind)]
        assert not User.objects.filter(username="maria").exists()

    @pytest.mark.parametrize("taken", [{"username": "ALICE"}, {"email": "Alice@example.com"}])
    def test_of_a_name_or_address_that_is_taken_is_a_409(self, alice, maria, taken):
        assert alice.post("/users", maria | taken).status_code == 409

    def test_gives_nobody_more_than_one_holds(self, ours, maria):
        clerk = people.person_holding(ours, "users.add", "users.view")
        for role in ("admin", "management", "sales"):
            assert clerk.post("/users", maria | {"role": role}).status_code == 403
        assert not User.objects.filter(username="maria").exists()


class TestTheList:
    def test_is_by_user_name_with_how_many_there_are(self, alice, bob, carla):
        answer = alice.get("/users?skip=1&limit=1")
        assert [row["username"] for row in answer.json()] == ["bob"]
        assert answer.headers["X-Total-Count"] == "3"

    def test_calls_a_manager_management(self, alice, carla):
        assert alice.get(path(carla)).json()["role"] == "management"

    def test_is_for_administrators(self, bob, carla):
        assert [who.get("/users").status_code for who in (bob, carla)] == [403, 403]
        assert bob.get(path(bob)).status_code == 200
        assert bob.get(path(carla)).status_code == 403


class TestChanging:
    def test_takes_everything_at_once(self, alice, bob, client):
        body = {"full_name": "Roberto", "email": "bob@otra.example", "role": "management", "password": STRONG}
        answer = alice.patch(path(bob), body)
        assert answer.json().items() >= {
            "full_name": "Roberto", "email": "bob@otra.example", "role": "management",
        }.items()  # fmt: skip
        assert client.post("/auth/login", {"username": "bob", "password": STRONG}).status_code == 200

    @pytest.mark.parametrize(
        "wrong",
        [{"password": "12345"}, {"role": "jefe"}, {"email": "alice@example.com"}],
        ids=lambda wrong: next(iter(wrong)),
    )
    def test_that_is_wrong_in_one_thing_changes_nothing(self, alice, bob, wrong):
        body = {"full_name": "Roberto", "email": "bob@otra.example", "role": "management", "password": STRONG}
        before = stored.of_workspace(alice.workspace.pk), User.objects.filter(pk=bob.user.pk).values().get()
        assert alice.patch(path(bob), body | wrong).status_code in (409, 422)
        assert (stored.of_workspace(alice.workspace.pk), User.objects.filter(pk=bob.user.pk).values().get()) == before

    def test_by_who_may_not_give_the_role_changes_nothing(self, ours, bob):
        clerk = people.person_holding(ours, "users.change", "users.view")
        before = User.objects.filter(pk=bob.user.pk).values().get()
        assert clerk.patch(path(bob), {"full_name": "Roberto", "role": "admin"}).status_code == 403
        assert User.objects.filter(pk=bob.user.pk).values().get() == before

    def test_of_the_password_ends_the_sessions(self, alice, bob):
        token = bob.token
        alice.patch(path(bob), {"password": STRONG})
        assert bob.call("get", "/auth/me", Authorization=f"Bearer {token}").status_code == 401
        assert STRONG not in str(list(Entry.across_workspaces.values("old", "new")))

    @pytest.mark.parametrize("field", ["email", "role", "is_active", "password", "full_name"])
    def test_to_null_is_refused(self, alice, bob, field):
        [(location, _)] = faults(alice.patch(path(bob), {field: None}))
        assert location == ["body", field]

    def test_of_the_weak_password_names_its_field(self, alice, bob):
        assert faults(alice.patch(path(bob), {"password": "12345"})) == [(["body", "password"], "value_error")]

    def test_leaves_the_last_administrator(self, alice, bob, ours):
        assert alice.patch(path(alice), {"role": "sales"}).status_code == 403
        assert alice.patch(path(alice), {"is_active": False}).status_code == 403
        assert alice.delete(path(alice)).status_code == 403
        assert alice.get("/auth/me").json()["role"] == "admin"

    def test_of_a_user_elsewhere_is_not_found(self, alice, stranger):
        assert alice.patch(path(stranger), {"full_name": "X"}).status_code == 404


class TestDeleting:
    def test_lets_a_user_go_who_can_not_log_in_any_more(self, alice, bob):
        token = bob.token
        assert alice.delete(path(bob)).status_code == 204
        assert bob.call("get", "/auth/me", Authorization=f"Bearer {token}").status_code == 401
        assert not Membership.objects.of(alice.actor).filter(user=bob.user).exists()

    def test_leaves_their_leads_with_their_name(self, alice, bob, contact):
        lead = make.lead(alice.actor, contact, assigned_to_id=bob.user.pk)
        alice.delete(path(bob))
        assert alice.get(f"/leads/{lead.pk}").json()["assigned_to_name"] == "bob"
