"""/api/roles/: creating, reading, changing and deleting roles."""

from collections import Counter

import pytest
from django.test import Client

from backend.modules.identity.models import Role
from backend.modules.ledger.models import Entry
from tests import make, people, stored
from tests.dialects.urbany import governing
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED, ROLES
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

SHOWN = ["id", "name", "description", "permissions", "permissions_count", "users_count", "user_count", "created_at",
         "updated_at"]  # fmt: skip
TAKEN = {"name": ["Ya existe un rol con este nombre"]}
IN_USE = "No se puede eliminar un rol que tiene usuarios asignados"
BUILT_IN = "Es un rol del sistema: no se elimina, y el administrador conserva todos los permisos"


@pytest.fixture
def path(alice, ours):
    """The address of a role of the workspace's own, which holds two permissions and nobody has."""
    held = governing.permissions(ours, "contacts.view", "contacts.add")
    body = {"name": "Vendedor", "description": "Rol para agentes de ventas", "permissions": held}
    return f"{ROLES}{alice.post(ROLES, body).json()['id']}/"


def codenames(shown):
    return sorted(each["codename"] for each in shown["permissions"])


class TestCreate:
    def test_answers_201_with_the_union_of_both_descriptions(self, alice, ours):
        held = governing.permissions(ours, "contacts.view", "contacts.add", "contacts.change")
        body = {"name": "Vendedor", "description": "Rol para agentes de ventas", "permissions": held}
        answer = alice.post(ROLES, body)
        assert (answer.status_code, list(answer.json())) == (201, SHOWN)
        shown = answer.json()
        assert (shown["name"], shown["description"]) == (body["name"], body["description"])
        assert (shown["permissions_count"], shown["users_count"], shown["user_count"]) == (3, 0, 0)
        assert [list(each) for each in shown["permissions"]] == [["id", "name", "content_type", "codename"]] * 3
        assert {each["id"]: each["content_type"] for each in shown["permissions"]} == dict.fromkeys(held, "contacts")
        assert shown["created_at"].endswith("Z")

    def test_takes_the_body_of_the_first_description(self, alice):
        shown = alice.post(ROLES, {"name": "Gestor", "description": "Gestor de propiedades"}).json()
        assert (shown["permissions"], shown["permissions_count"]) == ([], 0)

    def test_takes_a_name_alone_and_a_permission_twice(self, alice, ours):
        held = governing.permission(ours, "contacts.view")
        shown = alice.post(ROLES, {"name": "  Gestor  ", "permissions": [held, held], "description": None}).json()
        assert (shown["name"], shown["description"], shown["permissions_count"]) == ("Gestor", "", 1)

    @pytest.mark.parametrize("name", ["Vendedor", "VENDEDOR", " vendedor ", "Sales", "sALES"])
    def test_refuses_a_name_that_is_taken_in_any_case(self, alice, path, name):
        with stored.nothing_written():
            assert details(alice.post(ROLES, {"name": name})) == TAKEN

    @pytest.mark.parametrize("key", ["admin", "MANAGER", "sales", "User"])
    def test_refuses_the_key_of_a_built_in_role_whatever_that_is_called(self, alice, ours, key):
        built_in = f"{ROLES}{governing.role(ours, key.lower())}/"
        assert alice.put(built_in, {"name": f"Otro {key}"}).status_code == 200
        with stored.nothing_written():
            assert details(alice.post(ROLES, {"name": key})) == TAKEN

    def test_takes_a_name_of_another_workspace(self, alice, stranger, path):
        assert stranger.post(ROLES, {"name": "Vendedor"}).status_code == 201

    def test_refuses_permissions_that_are_not_there_or_another_workspace_s(self, alice, theirs):
        for permission_id in (999_999, governing.permission(theirs, "contacts.view")):
            with stored.nothing_written():
                found = details(alice.post(ROLES, {"name": "Gestor", "permissions": [permission_id]}))
            assert found == {"permissions": [f"No existe el permiso {permission_id}"]}

    @pytest.mark.parametrize(
        ("field", "value", "named"),
        [
            ("name", "", "name"), ("name", None, "name"), ("name", "x" * 101, "name"), ("name", "a\0", "name"),
            ("description", "x" * 1001, "description"), ("description", 5, "description"),
            ("permissions", None, "permissions"), ("permissions", "all", "permissions"),
            ("permissions", ["contacts.view"], "permissions.0"), ("permissions", [0], "permissions.0"),
            ("permissions", [2**63], "permissions.0"), ("permissions", [{"name": "x"}], "permissions.0"),
            ("permissions", [1] * 501, "permissions"), ("key", "admin", "key"),
        ],
    )  # fmt: skip
    def test_refuses_what_is_none_by_its_field(self, alice, field, value, named):
        with stored.nothing_written():
            assert list(details(alice.post(ROLES, {"name": "Gestor"} | {field: value}))) == [named]

    @pytest.mark.parametrize("name", ["bob", "carla", "dario"])
    def test_is_refused_without_the_permission(self, request, name):
        person = request.getfixturevalue(name)
        with stored.nothing_written():
            assert error(person.post(ROLES, {"name": "Gestor"})) == (403, DENIED)


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
def test_twenty_creations_of_one_name_at_once_make_one_role(alice):
    bearer, spellings = {"Authorization": f"Bearer {alice.token}"}, ["Vendedor", "VENDEDOR", "vendedor "]

    def create(which):
        body = {"name": spellings[which % 3]}
        return Client().post(ROLES, body, content_type="application/json", headers=bearer)

    answers = at_once(20, create)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 400: 19}
    assert all(details(answer) == TAKEN for answer in answers if answer.status_code == 400)
    assert Role.objects.of(alice.actor).filter(name_key="vendedor").count() == 1


class TestTheList:
    def test_has_the_roles_in_the_order_they_were_made(self, alice, path, stranger):
        page = alice.get(ROLES).json()
        assert list(page) == ["count", "next", "previous", "results"]
        assert [row["name"] for row in page["results"]] == ["Admin", "Manager", "Sales", "User", "Vendedor"]
        assert [list(row) for row in page["results"]] == [SHOWN] * 5
        assert [row["user_count"] for row in page["results"]] == [1, 0, 0, 0, 0]
        assert codenames(page["results"][4]) == ["contacts.add", "contacts.view"]

    def test_comes_in_pages(self, alice, path):
        page = alice.get(f"{ROLES}?page=2&page_size=2").json()
        assert ([row["name"] for row in page["results"]], page["count"]) == (["Sales", "User"], 5)
        assert page["next"] == "http://testserver/api/roles/?page=3&page_size=2"
        assert alice.get(f"{ROLES}?page=4&page_size=2").status_code == 404

    @pytest.mark.parametrize("number", [1, 12])
    def test_costs_the_same_queries_however_many_there_are(self, alice, ours, counted, number):
        held = governing.permissions(ours, "contacts.view", "contacts.add")
        for which in range(number):
            alice.post(ROLES, {"name": f"Rol {which}", "permissions": held})
        counted(ROLES, queries=5)

    @pytest.mark.parametrize("path", [ROLES, f"{ROLES}1/", f"{ROLES}stats/", f"{ROLES}permissions/"])
    def test_is_refused_without_the_permission(self, carla, path):
        assert error(carla.get(path)) == (403, DENIED)


class TestDetail:
    def test_has_those_who_hold_it_too(self, alice, path, ours):
        people.person("eva", ours, "sales")
        alice.patch(f"{governing.user(people.person('ana', ours))}", {"role": "Vendedor"})
        shown = alice.get(path).json()
        assert list(shown) == [*SHOWN, "users"]
        assert [list(each) for each in shown["users"]] == [["id", "email", "first_name", "last_name"]]
        assert ([each["email"] for each in shown["users"]], shown["user_count"]) == (["ana@example.com"], 1)
        assert codenames(shown) == ["contacts.add", "contacts.view"]

    def test_of_another_workspace_or_of_none_is_404(self, alice, theirs):
        for role_id in (999_999, governing.role(theirs, "sales")):
            assert error(alice.get(f"{ROLES}{role_id}/")) == (404, "El recurso no existe")


class TestUpdate:
    def test_changes_what_is_sent_and_leaves_the_rest(self, alice, path):
        before = alice.get(path).json()
        answer = alice.put(path, {"description": "Otra"})
        assert (answer.status_code, list(answer.json()), answer["ETag"]) == (200, SHOWN, alice.get(path)["ETag"])
        after = alice.get(path).json()
        assert {name for name in before if before[name] != after[name]} == {"description", "updated_at"}

    def test_puts_permissions_in_place_of_those_held(self, alice, path, ours):
        wanted = governing.permissions(ours, "contacts.view", "companies.view")
        shown = alice.put(path, {"name": "Administrador General", "permissions": wanted}).json()
        assert (shown["name"], codenames(shown)) == ("Administrador General", ["companies.view", "contacts.view"])
        assert alice.put(path, {"permissions": []}).json()["permissions"] == []

    def test_by_permissions_alone_makes_another_version(self, alice, path):
        before = alice.get(path)
        after = alice.put(path, {"permissions": []})
        assert after["ETag"] != before["ETag"]
        assert after.json()["updated_at"] > before.json()["updated_at"]

    def test_holds_for_holders_from_the_next_request_on(self, alice, path, ours, dario):
        alice.patch(governing.user(dario), {"role": "Vendedor"})
        token = dario.token
        for permissions, status in ((["companies.view"], 403), (["contacts.view"], 200), ([], 403)):
            alice.put(path, {"permissions": governing.permissions(ours, *permissions)})
            assert dario.get("/api/clients/", Authorization=f"Bearer {token}").status_code == status

    def test_with_what_was_read_writes_nothing(self, alice, path):
        for body in ({}, alice.get(path).json(), alice.get(ROLES).json()["results"][-1]):
            read = alice.get(path)
            with stored.nothing_written():
                answer = alice.put(path, body)
            assert (answer.status_code, answer["ETag"]) == (200, read["ETag"])
            assert alice.get(path).json() == read.json()

    def test_stands_in_the_ledger(self, alice, path):
        alice.put(path, {"name": "Agente", "permissions": []})
        entries = Entry.objects.of(alice.actor).filter(action="role.update").order_by("id")
        assert Counter(entries.values_list("verb", flat=True)) == {"role.updated": 1, "rolepermission.deleted": 2}
        assert entries.get(verb="role.updated").new == {"name": "Agente"}

    def test_to_a_name_that_is_taken_is_400(self, alice, path):
        for name in ("sales", "ADMIN"):
            with stored.nothing_written():
                assert details(alice.put(path, {"name": name})) == TAKEN
        assert alice.put(path, {"name": "VENDEDOR"}).json()["name"] == "VENDEDOR"

    def test_refuses_permissions_that_are_not_there_by_their_field(self, alice, path):
        with stored.nothing_written():
            assert details(alice.put(path, {"permissions": [999_999]})) == {
                "permissions": ["No existe el permiso 999999"]
            }

    def test_of_another_workspace_s_is_404(self, alice, theirs):
        with stored.nothing_written():
            assert alice.put(f"{ROLES}{governing.role(theirs, 'sales')}/", {"name": "X"}).status_code == 404

    def test_of_an_older_version_is_412_with_the_role_as_it_is(self, alice, path):
        seen = alice.get(path)["ETag"]
        alice.put(path, {"description": "Somebody was quicker"})
        for method, body in (("put", [{"description": "Mine"}]), ("delete", [])):
            answer = getattr(alice, method)(path, *body, If_Match=seen)
            assert (answer.status_code, answer.json()) == (412, alice.get(path).json())


class TestDelete:
    def test_answers_204_and_it_is_gone(self, alice, path):
        assert (alice.delete(path).status_code, alice.get(path).status_code) == (204, 404)
        assert alice.get(ROLES).json()["count"] == 4

    def test_is_refused_while_somebody_holds_it_even_inactive(self, alice, path, dario):
        alice.patch(governing.user(dario), {"role": "Vendedor"})
        for is_active in (True, False):
            alice.patch(governing.user(dario), {"is_active": is_active})
            with stored.nothing_written():
                assert error(alice.delete(path)) == (400, IN_USE)
        alice.delete(governing.user(dario))
        assert alice.delete(path).status_code == 204

    def test_takes_it_out_of_invitations(self, alice, path):
        make.invitation(alice.actor, role_names=["Vendedor", "sales"])
        assert alice.delete(path).status_code == 204
        assert alice.get("/v1/users/invitations").json()["items"][0]["roles"] == ["Sales"]

    @pytest.mark.parametrize("key", ["admin", "manager", "sales", "user"])
    def test_of_a_built_in_role_is_refused(self, alice, ours, key):
        with stored.nothing_written():
            expected = (400, IN_USE) if key == "admin" else (409, BUILT_IN)
            assert error(alice.delete(f"{ROLES}{governing.role(ours, key)}/")) == expected

    def test_of_another_workspace_s_is_404(self, alice, stranger):
        theirs = make.role(stranger.actor, name="Ajeno")
        with stored.nothing_written():
            assert alice.delete(f"{ROLES}{theirs.pk}/").status_code == 404


class TestTheAdministratorsRole:
    def test_may_be_called_otherwise_and_is_still_admin(self, alice, ours):
        path = f"{ROLES}{governing.role(ours, 'admin')}/"
        body = {"name": "Super Admin", "description": "Administrador principal del sistema"}
        shown = alice.put(path, body).json()
        assert (shown["name"], shown["description"]) == (body["name"], body["description"])
        eva = people.person("eva", ours)
        assert alice.patch(governing.user(eva), {"role": "admin"}).json()["role"] == "admin"
        assert eva.get(ROLES).status_code == 200
        assert alice.get("/api/users/stats/").json()["users_by_role"]["admin"] == 2

    def test_holds_every_permission_always(self, alice, ours):
        path = f"{ROLES}{governing.role(ours, 'admin')}/"
        body = {"permission_id": governing.permission(ours, "contacts.view")}
        with stored.nothing_written():
            assert error(alice.put(path, {"permissions": []})) == (409, BUILT_IN)
            assert error(alice.post(f"{path}remove-permission/", body)) == (409, BUILT_IN)
        assert alice.post(f"{path}add-permission/", body).status_code == 200
