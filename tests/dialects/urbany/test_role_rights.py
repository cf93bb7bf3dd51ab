"""/api/roles/{id}/add-permission/ and remove-permission/, and who may give what."""

import pytest

from tests import make, people, stored
from tests.dialects.urbany import governing
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED, ROLES

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("name", ["add-permission", "remove-permission"])


@pytest.fixture
def path(alice):
    return f"{ROLES}{make.role(alice.actor, name='Vendedor').pk}/"


@pytest.fixture
def reading(ours):
    return {"permission_id": governing.permission(ours, "contacts.view")}


def codenames(person, path):
    return [each["codename"] for each in person.get(path).json()["permissions"]]


class TestAddPermission:
    def test_answers_the_role_as_an_object_and_the_permission_s_name(self, alice, path, reading):
        answer = alice.post(f"{path}add-permission/", reading)
        role_id = int(path.split("/")[-2])
        assert (answer.status_code, answer.json()) == (
            200,
            {
                "message": "Permiso agregado exitosamente",
                "role": {"id": role_id, "name": "Vendedor", "permissions_count": 1},
                "permission": "Read contacts",
            },
        )
        assert codenames(alice, path) == ["contacts.view"]

    def test_of_one_that_it_holds_is_answered_alike_and_writes_nothing(self, alice, path, reading):
        first, read = alice.post(f"{path}add-permission/", reading), alice.get(path)
        with stored.nothing_written():
            again = alice.post(f"{path}add-permission/", reading)
        assert (again.status_code, again.json()) == (200, first.json())
        assert (alice.get(path).json(), alice.get(path)["ETag"]) == (read.json(), read["ETag"])

    def test_leaves_those_that_it_holds(self, alice, path, ours, reading):
        for codename in ("contacts.view", "companies.view"):
            alice.post(f"{path}add-permission/", {"permission_id": governing.permission(ours, codename)})
        assert sorted(codenames(alice, path)) == ["companies.view", "contacts.view"]

    def test_of_a_permission_of_the_workspace_s_own(self, alice, path):
        own = make.permission(alice.actor, name="Can view properties", codename="view_properties")
        answer = alice.post(f"{path}add-permission/", {"permission_id": own.pk})
        assert answer.json()["permission"] == "Can view properties"
        assert codenames(alice, path) == ["view_properties"]

    def test_needs_the_permission_that_is_given(self, ours, path, reading):
        clerk = people.person_holding(ours, "roles.manage", "roles.view")
        with stored.nothing_written():
            assert error(clerk.post(f"{path}add-permission/", reading)) == (403, DENIED)
        body = {"permission_id": governing.permission(ours, "roles.view")}
        assert clerk.post(f"{path}add-permission/", body).status_code == 200


class TestRemovePermission:
    def test_answers_the_role_as_an_object(self, alice, path, reading):
        alice.post(f"{path}add-permission/", reading)
        answer = alice.post(f"{path}remove-permission/", reading)
        role_id = int(path.split("/")[-2])
        assert (answer.status_code, answer.json()) == (
            200,
            {
                "message": "Permiso removido exitosamente",
                "role": {"id": role_id, "name": "Vendedor", "permissions_count": 0},
            },
        )
        assert codenames(alice, path) == []

    def test_of_one_that_it_does_not_hold_writes_nothing(self, alice, path, reading):
        read = alice.get(path)
        with stored.nothing_written():
            assert alice.post(f"{path}remove-permission/", reading).status_code == 200
        assert alice.get(path)["ETag"] == read["ETag"]

    def test_works_on_a_built_in_role_beside_the_administrators(self, alice, ours, bob, reading):
        token = bob.token
        assert bob.get("/api/clients/", Authorization=f"Bearer {token}").status_code == 200
        alice.post(f"{ROLES}{governing.role(ours, 'sales')}/remove-permission/", reading)
        assert bob.get("/api/clients/", Authorization=f"Bearer {token}").status_code == 403


@BOTH
class TestBoth:
    def test_refuse_a_permission_that_is_not_there_or_another_workspace_s(self, alice, path, theirs, name):
        for permission_id in (999_999, governing.permission(theirs, "contacts.view")):
            with stored.nothing_written():
                found = details(alice.post(f"{path}{name}/", {"permission_id": permission_id}))
            assert found == {"permission_id": [f"No existe el permiso {permission_id}"]}

    @pytest.mark.parametrize("permission_id", [None, "x", 0, -1, 2**63, True, {"id": 1}])
    def test_refuse_what_is_no_id(self, alice, path, name, permission_id):
        with stored.nothing_written():
            answer = alice.post(f"{path}{name}/", {"permission_id": permission_id})
        assert list(details(answer)) == ["permission_id"]

    def test_ask_for_the_permission(self, alice, path, name):
        assert details(alice.post(f"{path}{name}/", {})) == {"permission_id": ["Este campo es obligatorio."]}

    def test_of_a_role_that_is_not_there_or_another_workspace_s_are_404(self, alice, theirs, reading, name):
        for role_id in (999_999, governing.role(theirs, "sales")):
            with stored.nothing_written():
                assert alice.post(f"{ROLES}{role_id}/{name}/", reading).status_code == 404

    def test_on_an_older_version_are_412(self, alice, path, reading, name):
        seen = alice.get(path)["ETag"]
        alice.put(path, {"description": "Somebody was quicker"})
        with stored.nothing_written():
            assert alice.post(f"{path}{name}/", reading, If_Match=seen).status_code == 412

    def test_are_done_once_with_an_idempotency_key(self, alice, path, reading, name):
        first, second = (alice.post(f"{path}{name}/", reading, Idempotency_Key="one") for _ in range(2))
        assert (second.content, second["Idempotent-Replay"]) == (first.content, "true")

    @pytest.mark.parametrize("who", ["bob", "carla", "dario"])
    def test_are_refused_without_the_permission(self, request, path, reading, name, who):
        person = request.getfixturevalue(who)
        with stored.nothing_written():
            assert error(person.post(f"{path}{name}/", reading)) == (403, DENIED)
