"""Who may change whom: nobody gives themselves, or somebody else, more than they have themselves."""

import pytest

from backend.modules.identity import actions
from backend.modules.identity.models import ApiKey, Membership, SecondFactor, User
from tests import make, people, stored
from tests.dialects.urbany import governing
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED, NOT_YOURS, OWN_RIGHTS, ROLES, STRONG, USERS

pytestmark = pytest.mark.django_db

GOVERNING = ("users.view", "users.add", "users.change", "users.delete", "users.invite", "roles.view", "roles.assign",
             "roles.manage", "apikeys.manage")  # fmt: skip
NEW = {"email": "nuevo@ejemplo.com", "password": STRONG, "first_name": "Nuevo"}
NEW_PASSWORD = {"new_password": STRONG, "new_password_confirm": STRONG}


@pytest.fixture
def clerk(ours):
    """May do everything with users and roles, and nothing with the business."""
    return people.person_holding(ours, *GOVERNING)


@pytest.fixture
def own_role(clerk, ours):
    """The address of the role that the clerk holds."""
    [role] = Membership.objects.of(clerk.actor).get(user=clerk.user).roles.all()
    return f"{ROLES}{role.pk}/"


@pytest.fixture(autouse=True)
def other_administrator(ours):
    """So that what is refused is not refused for the last administrator's sake."""
    return people.person("zoe", ours, "admin")


class TestNobodyGivesThemselvesRights:
    @pytest.mark.parametrize("method", ["put", "patch"])
    @pytest.mark.parametrize("role", ["admin", "sales", "user"])
    def test_by_a_role_of_their_own_record(self, clerk, method, role):
        with stored.nothing_written():
            assert error(getattr(clerk, method)(governing.user(clerk), {"role": role})) == (403, OWN_RIGHTS)

    def test_by_a_role_without_any_right_to_change_users(self, bob, dario):
        for person in (bob, dario):
            with stored.nothing_written():
                assert error(person.patch(governing.user(person), {"role": "admin"})) == (403, DENIED)

    def test_by_assigning_themselves_one(self, clerk, alice, ours):
        for person in (clerk, alice):
            with stored.nothing_written():
                body = {"role_id": governing.role(ours, "sales")}
                assert error(person.post(f"{governing.user(person)}assign-role/", body)) == (403, OWN_RIGHTS)

    def test_by_a_permission_for_a_role_that_they_hold(self, clerk, ours, own_role):
        wanted = governing.permission(ours, "contacts.view")
        held = governing.permissions(ours, *GOVERNING)
        with stored.nothing_written():
            assert error(clerk.post(f"{own_role}add-permission/", {"permission_id": wanted})) == (403, DENIED)
            assert error(clerk.put(own_role, {"permissions": [*held, wanted]})) == (403, DENIED)

    def test_except_one_that_they_hold_already_otherwise(self, clerk, ours, own_role):
        body = {"name": "Second", "permissions": [governing.permission(ours, "users.view")]}
        assert clerk.post(ROLES, body).status_code == 201
        again = clerk.post(f"{own_role}add-permission/", {"permission_id": governing.permission(ours, "users.view")})
        assert again.status_code == 200

    def test_by_a_role_with_more(self, clerk, ours):
        with stored.nothing_written():
            body = {"name": "More", "permissions": [governing.permission(ours, "contacts.view")]}
            assert error(clerk.post(ROLES, body)) == (403, DENIED)

    @pytest.mark.parametrize("role", ["admin", "manager", "sales"])
    def test_by_a_second_user_with_more(self, clerk, role):
        with stored.nothing_written():
            assert error(clerk.post(USERS, NEW | {"role": role})) == (403, DENIED)
        assert clerk.post(USERS, NEW).status_code == 201

    @pytest.mark.parametrize("role", ["admin", "manager", "sales"])
    def test_by_giving_a_second_user_more_later(self, clerk, ours, role):
        second = f"{USERS}{clerk.post(USERS, NEW).json()['id']}/"
        clerk.patch(second, {"role": make.role(clerk.actor, name="Nothing").name})
        with stored.nothing_written():
            assert error(clerk.patch(second, {"role": role})) == (403, DENIED)
            assert error(clerk.post(f"{second}assign-role/", {"role_id": governing.role(ours, role)})) == (403, DENIED)

    def test_by_the_registration_of_an_administrator_in_sales(self, clerk):
        body = {
            "nombre_completo": "Nuevo Usuario", "username": "nuevo", "email": "nuevo@ejemplo.com",
            "password": STRONG, "password_confirm": STRONG,
        }  # fmt: skip
        for kind in ("admin", "regular"):
            with stored.nothing_written():
                assert clerk.post("/api/v1/auth/register/", body | {"tipo": kind}).status_code == 403

    @pytest.mark.parametrize("roles", [["admin"], ["sales"], ["user", "manager"]])
    def test_by_an_invitation_in_accounts(self, clerk, roles):
        with stored.nothing_written():
            answer = clerk.post("/v1/users/invitations", {"email": "second@ejemplo.com", "roles": roles})
            assert answer.status_code == 403

    def test_by_an_api_key_in_accounts(self, clerk):
        with stored.nothing_written():
            answer = clerk.post("/v1/apikeys", {"name": "More", "permissions": ["contacts.delete"]})
            assert answer.status_code == 403
        clerk.post("/v1/apikeys", {"name": "All of mine"})
        assert ApiKey.objects.of(clerk.actor).get().permissions == []

    def test_by_a_permission_of_their_own_making(self, clerk, own_role):
        made = clerk.post("/api/permissions/", {"name": "Opens doors", "codename": "open_doors"}).json()["id"]
        with stored.nothing_written():
            assert error(clerk.post(f"{own_role}add-permission/", {"permission_id": made})) == (403, DENIED)


class TestNobodyGovernsWhoMayDoMore:
    @pytest.mark.parametrize(
        "change", [{"first_name": "X"}, {"email": "x@y.pe"}, {"phone": "1"}, {"is_active": False}, {"role": "user"}]
    )
    def test_by_changing_them(self, clerk, alice, bob, change):
        for person in (alice, bob):
            with stored.nothing_written():
                assert error(clerk.patch(governing.user(person), change)) == (403, DENIED)

    def test_by_deleting_them(self, clerk, alice):
        with stored.nothing_written():
            assert error(clerk.delete(governing.user(alice))) == (403, DENIED)

    def test_by_their_password_or_second_factor(self, clerk, alice):
        make.code_of(alice.user)
        for name, body in (("change-password", NEW_PASSWORD), ("reset-two-factor", {})):
            assert error(clerk.post(f"{governing.user(alice)}{name}/", body)) == (403, DENIED)
        assert User.objects.get(pk=alice.user.pk).check_password(people.PASSWORD)
        assert SecondFactor.objects.filter(user=alice.user).exists()

    def test_even_while_they_are_inactive(self, clerk, alice, bob):
        alice.patch(governing.user(bob), {"is_active": False})
        with stored.nothing_written():
            assert error(clerk.patch(governing.user(bob), {"is_active": True})) == (403, DENIED)

    def test_but_governs_who_may_not(self, clerk, ours):
        lesser = people.person_holding(ours, "users.view")
        assert clerk.patch(governing.user(lesser), {"first_name": "X", "is_active": False}).status_code == 200
        assert clerk.post(f"{governing.user(lesser)}change-password/", NEW_PASSWORD).status_code == 200
        assert clerk.delete(governing.user(lesser)).status_code == 204


class TestARoleAndAChangeNeedTheirOwnPermissions:
    def test_a_role_needs_roles_assign(self, ours):
        changer = people.person_holding(ours, "users.change", "users.view")
        lesser = people.person_holding(ours, "users.view")
        nothing = make.role(changer.actor, name="Nothing")
        with stored.nothing_written():
            assert error(changer.patch(governing.user(lesser), {"role": nothing.name})) == (403, DENIED)
        assert changer.patch(governing.user(lesser), {"first_name": "X"}).status_code == 200

    def test_everything_else_of_somebody_needs_users_change(self, ours):
        assigner = people.person_holding(ours, "roles.assign", "users.view")
        lesser = people.person_holding(ours, "users.view")
        nothing = make.role(assigner.actor, name="Nothing")
        with stored.nothing_written():
            assert error(assigner.patch(governing.user(lesser), {"first_name": "X"})) == (403, DENIED)
        answer = assigner.post(f"{governing.user(lesser)}assign-role/", {"role_id": nothing.pk})
        assert answer.status_code == 200


class TestAssignRole:
    def test_answers_as_the_document_says(self, alice, dario, ours):
        answer = alice.post(f"{governing.user(dario)}assign-role/", {"role_id": governing.role(ours, "manager")})
        assert (answer.status_code, list(answer.json())) == (200, ["message", "user_role"])
        given = answer.json()["user_role"]
        assert answer.json()["message"] == "Rol asignado exitosamente"
        assert (list(given), given["user"], given["role"]) == (
            ["user", "role", "assigned_at"],
            dario.user.pk,
            "Manager",
        )
        assert given["assigned_at"].endswith("Z")
        assert alice.get(governing.user(dario)).json()["roles"] == ["manager"]

    def test_of_a_role_that_they_hold_already_keeps_the_day_and_writes_nothing(self, alice, dario, ours):
        path, body = f"{governing.user(dario)}assign-role/", {"role_id": governing.role(ours, "manager")}
        first, seen = alice.post(path, body), alice.get(governing.user(dario))["ETag"]
        with stored.nothing_written():
            assert alice.post(path, body).json() == first.json()
        assert alice.get(governing.user(dario))["ETag"] == seen

    def test_refuses_a_role_that_is_not_there_or_another_workspace_s(self, alice, dario, theirs):
        for role_id in (999_999, governing.role(theirs, "user")):
            with stored.nothing_written():
                found = details(alice.post(f"{governing.user(dario)}assign-role/", {"role_id": role_id}))
            assert found == {"role_id": [f'No existe el rol "{role_id}".']}

    @pytest.mark.parametrize("role_id", [None, "x", 0, -1, 2**63, 1.5, True, []])
    def test_refuses_what_is_no_id(self, alice, dario, role_id):
        with stored.nothing_written():
            answer = alice.post(f"{governing.user(dario)}assign-role/", {"role_id": role_id})
        assert list(details(answer)) == ["role_id"]

    def test_of_nobody_is_404(self, alice, stranger, ours):
        body = {"role_id": governing.role(ours, "user")}
        for user_id in (999_999, stranger.user.pk):
            assert alice.post(f"{USERS}{user_id}/assign-role/", body).status_code == 404


class TestOneself:
    def test_may_be_read_and_changed_without_any_permission(self, ours):
        nobody = people.person_holding(ours)
        profile = {"date_of_birth": "1990-01-01", "gender": "M", "city": "Lima"}
        body = {"first_name": "Ana", "last_name": "Paz", "phone": "+51 1 234", "profile": profile}
        assert nobody.patch(governing.user(nobody), body).status_code == 200
        shown = nobody.get(governing.user(nobody)).json()
        assert {name: shown[name] for name in body} == body

    def test_changes_no_address_and_no_state_of_their_own(self, dario):
        for change in ({"email": "dario@ejemplo.com"}, {"is_active": False}):
            with stored.nothing_written():
                assert error(dario.patch(governing.user(dario), {"first_name": "X"} | change)) == (403, DENIED)

    def test_is_not_deactivated_even_by_an_administrator(self, alice):
        with stored.nothing_written():
            assert error(alice.patch(governing.user(alice), {"is_active": False})) == (403, OWN_RIGHTS)

    def test_may_have_another_address_with_users_change(self, alice):
        assert alice.patch(governing.user(alice), {"email": "alicia@ejemplo.com"}).status_code == 200

    @pytest.mark.parametrize("method", ["get", "put", "patch"])
    def test_is_nobody_else(self, bob, dario, method):
        with stored.nothing_written():
            assert error(getattr(dario, method)(governing.user(bob))) == (403, DENIED)


class TestSomebodyOfTwoWorkspaces:
    @pytest.fixture
    def both(self, ours, theirs):
        """Works as a salesperson here and as a user there."""
        both = people.person("both", ours, "sales", password=people.PASSWORD)
        people.join(both, theirs, "user")
        return both

    @pytest.mark.parametrize(
        "change",
        [{"first_name": "X"}, {"last_name": "X"}, {"email": "x@y.pe"}, {"phone": "1"}, {"profile": {"city": "X"}}],
    )  # fmt: skip
    def test_is_themselves_for_themselves_alone(self, alice, stranger, both, change):
        for administrator in (alice, stranger):
            with stored.nothing_written():
                assert error(administrator.patch(governing.user(both), change)) == (403, NOT_YOURS)

    def test_keeps_their_password_and_second_factor(self, alice, stranger, both):
        make.code_of(both.user)
        for administrator in (alice, stranger):
            for name, body in (("change-password", NEW_PASSWORD), ("reset-two-factor", {})):
                assert error(administrator.post(f"{governing.user(both)}{name}/", body)) == (403, NOT_YOURS)
        assert User.objects.get(pk=both.user.pk).check_password(people.PASSWORD)
        assert SecondFactor.objects.filter(user=both.user).exists()

    def test_changes_themselves_from_either(self, both, theirs, alice):
        there = people.Person(both.user, theirs)
        assert there.patch(governing.user(both), {"phone": "+51 1 234"}).status_code == 200
        assert alice.get(governing.user(both)).json()["phone"] == "+51 1 234"

    def test_has_a_role_and_a_state_in_each_and_the_other_sees_nothing_of_it(self, alice, stranger, both, ours, theirs):
        there, before = stranger.get(governing.user(both)), stored.of_workspace(theirs.pk)
        assert alice.patch(governing.user(both), {"role": "manager"}).json()["role"] == "manager"
        assert alice.patch(governing.user(both), {"is_active": False}).json()["is_active"] is False
        body = {"role_id": governing.role(ours, "user")}
        assert alice.post(f"{governing.user(both)}assign-role/", body).status_code == 200
        assert stored.of_workspace(theirs.pk) == before
        now = stranger.get(governing.user(both))
        assert (now.json(), now["ETag"]) == (there.json(), there["ETag"])
        assert people.Person(both.user, theirs).get("/api/clients/").status_code == 200

    def test_who_is_inactive_in_one_is_still_theirs_alone(self, alice, stranger, both, theirs):
        stranger.patch(governing.user(both), {"is_active": False})
        assert error(alice.patch(governing.user(both), {"email": "x@y.pe"})) == (403, NOT_YOURS)

    def test_is_the_one_workspace_s_when_the_other_lets_them_go(self, alice, stranger, both):
        stranger.delete(governing.user(both))
        assert alice.patch(governing.user(both), {"first_name": "X"}).status_code == 200

    def test_of_whom_one_is_the_server_is_nobody_s(self, alice, ours):
        root = people.person("root", ours, "user")
        root.user.is_superuser = True
        people.writing(ours.pk, root.user.save)
        assert error(alice.patch(governing.user(root), {"email": "x@y.pe"})) == (403, NOT_YOURS)
        assert alice.post(f"{governing.user(root)}change-password/", NEW_PASSWORD).status_code == 403


def test_rights_are_those_of_now_not_of_the_login(alice, ours, other_administrator):
    token = other_administrator.token
    actions.set_roles(alice.actor, other_administrator.user.pk, role_names=["user"])
    answer = other_administrator.post(USERS, NEW, Authorization=f"Bearer {token}")
    assert error(answer) == (403, DENIED)
