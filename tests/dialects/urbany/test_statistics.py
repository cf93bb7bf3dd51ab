"""/api/users/stats/, /api/users/statistics/, /api/roles/stats/, /api/roles/statistics/."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from backend.modules.identity.models import Membership
from tests import make, people
from tests.dialects.urbany import governing
from tests.dialects.urbany.entering import error
from tests.dialects.urbany.governing import DENIED, PERMISSIONS, ROLES, USERS

pytestmark = pytest.mark.django_db

OF_USERS = ["total_users", "active_users", "inactive_users", "new_users_this_month", "users_by_role"]
OF_ROLES = ["total_roles", "total_permissions", "roles_with_users", "empty_roles", "most_assigned_role",
            "most_used_role", "roles_distribution", "permissions_distribution"]  # fmt: skip
NOBODY = {"admin": 0, "manager": 0, "sales": 0, "user": 0}
SECOND = timedelta(seconds=1)


def of_users(person):
    return person.get(f"{USERS}stats/").json()


def of_roles(person):
    return person.get(f"{ROLES}stats/").json()


def arrive(who, moment):
    """Have a person become a member at a moment."""
    membership = Membership.objects.of(who.actor).get(user=who.user)
    membership.created_at = moment
    people.writing(who.workspace.pk, membership.save)


@pytest.fixture
def now(monkeypatch):
    """Sets the moment that it is for the day that an actor lives in."""

    def now(moment):
        monkeypatch.setattr("backend.core.actor.timezone", SimpleNamespace(now=lambda: moment))

    return now


class TestOfUsers:
    def test_have_the_union_of_both_descriptions_on_both_routes(self, alice, bob):
        one, other = (alice.get(f"{USERS}{name}/") for name in ("stats", "statistics"))
        assert (one.status_code, list(one.json())) == (200, OF_USERS)
        assert (other.status_code, other.json()) == (200, one.json())

    def test_count_the_active_and_the_inactive(self, alice, bob, carla, dario, stranger):
        alice.patch(governing.user(bob), {"is_active": False})
        carla.user.is_active = False
        people.writing(alice.workspace.pk, carla.user.save)
        found = of_users(alice)
        assert (found["total_users"], found["active_users"], found["inactive_users"]) == (4, 2, 2)

    def test_count_by_role_with_keys_and_names(self, alice, bob, dario, ours):
        people.person("eva", ours, "sales", "user")
        make.role(alice.actor, name="Asesores")
        alice.put(f"{ROLES}{governing.role(ours, 'sales')}/", {"name": "Vendedores"})
        assert of_users(alice)["users_by_role"] == NOBODY | {"admin": 1, "sales": 2, "user": 2, "Asesores": 0}

    def test_follow_every_change_at_once(self, alice, bob):
        alice.patch(governing.user(bob), {"role": "user"})
        assert of_users(alice)["users_by_role"] == NOBODY | {"admin": 1, "user": 1}
        alice.delete(governing.user(bob))
        assert of_users(alice)["users_by_role"] == NOBODY | {"admin": 1}
        assert of_users(alice)["total_users"] == 1

    @pytest.mark.parametrize(
        ("zone", "first_moment"),
        [
            ("America/Lima", datetime(2026, 3, 1, 5, tzinfo=UTC)),
            ("Pacific/Auckland", datetime(2026, 2, 28, 11, tzinfo=UTC)),
            ("UTC", datetime(2026, 3, 1, tzinfo=UTC)),
        ],
    )
    def test_count_who_came_this_month_as_the_workspace_s_calendar_has_it(
        self, alice, bob, dario, ours, now, zone, first_moment
    ):
        ours.time_zone = zone
        people.writing(ours.pk, ours.save)
        arrive(alice, datetime(2026, 1, 15, tzinfo=UTC))
        arrive(bob, first_moment)
        arrive(dario, first_moment - SECOND)
        now(first_moment)
        assert of_users(alice)["new_users_this_month"] == 1
        now(first_moment - SECOND)
        assert of_users(alice)["new_users_this_month"] == 2

    def test_count_who_has_just_been_made(self, alice, dario):
        arrive(alice, timezone.now() - timedelta(days=40))
        assert of_users(alice)["new_users_this_month"] == 1

    def test_agree_with_the_list(self, alice, bob, carla, dario):
        alice.patch(governing.user(carla), {"is_active": False})
        rows, found = alice.get(USERS).json()["results"], of_users(alice)
        assert found["total_users"] == len(rows)
        assert found["active_users"] == sum(row["is_active"] for row in rows)
        assert found["users_by_role"] == NOBODY | Counter(role for row in rows for role in row["roles"])


class TestOfRoles:
    def test_have_the_union_of_both_descriptions_on_both_routes(self, alice):
        one, other = (alice.get(f"{ROLES}{name}/") for name in ("stats", "statistics"))
        assert (one.status_code, list(one.json())) == (200, OF_ROLES)
        assert (other.status_code, other.json()) == (200, one.json())

    def test_name_the_role_that_most_people_hold(self, alice, bob, dario, ours):
        people.person("eva", ours, "user")
        found = of_roles(alice)
        assert (found["most_assigned_role"], found["most_used_role"]) == ("User", {"name": "User", "user_count": 2})
        assert found["roles_distribution"] == {"User": 2, "Admin": 1, "Sales": 1, "Manager": 0}
        assert (found["total_roles"], found["roles_with_users"], found["empty_roles"]) == (4, 3, 1)

    def test_agree_with_the_lists(self, alice, bob, dario, ours, stranger):
        make.permission(alice.actor, name="Own", codename="own")
        make.permission(alice.actor, name="Other", codename="of_houses", content_type="house")
        make.role(alice.actor, name="Asesores")
        make.role(stranger.actor, name="Ajenos")
        found = of_roles(alice)
        roles = alice.get(ROLES).json()
        permissions = alice.get(f"{PERMISSIONS}?page_size=100").json()
        assert found["total_roles"] == roles["count"]
        assert found["roles_distribution"] == {row["name"]: row["user_count"] for row in roles["results"]}
        assert found["total_permissions"] == permissions["count"]
        about = Counter(row["content_type"] or "other" for row in permissions["results"])
        assert found["permissions_distribution"] == about
        assert (about["other"], about["house"]) == (1, 1)
        assert found["roles_with_users"] + found["empty_roles"] == found["total_roles"]
        assert sum(found["permissions_distribution"].values()) == found["total_permissions"]


class TestBoth:
    @pytest.mark.parametrize("path", [USERS, ROLES])
    @pytest.mark.parametrize("name", ["stats", "statistics"])
    def test_are_refused_without_the_permission(self, carla, path, name):
        assert error(carla.get(f"{path}{name}/")) == (403, DENIED)

    @pytest.mark.parametrize("path", [USERS, ROLES])
    @pytest.mark.parametrize("number", [1, 9])
    def test_cost_the_same_queries_however_much_there_is(self, alice, ours, counted, path, number):
        for which in range(number):
            people.person(f"user{which}", ours, make.role(alice.actor, name=f"Rol {which}").name)
        counted(f"{path}stats/", queries=6 if path == USERS else 4)
