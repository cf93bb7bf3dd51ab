"""The permission column of the operations table: who holds it may, who holds everything else may not."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from backend.core import permissions
from backend.core.actor import Actor
from backend.modules.identity import actions
from backend.modules.identity.models import Permission, RolePermission
from tests import calls, operations, people, stored
from tests.calls import World
from tests.operations import Operation

pytestmark = pytest.mark.django_db

GUARDED = [row for row in operations.built() if row.needs_permission]

BUSINESS = {
    "activities", "attachments", "companies", "contacts", "contracts", "leads", "messaging", "opportunities", "reports",
}  # fmt: skip
# What each built-in role holds, by resource (README of the contracts, "Roles and permissions"). "*" is all of it.
# Of leads and contracts a salesperson has the operations, but only on their own: that is a rule of the records.
ROLES: dict[str, dict[str, set[str]]] = {
    "admin": {"*": {"*"}},
    "manager": {resource: {"*"} for resource in BUSINESS},
    "sales": {
        "activities": {"*"},
        "attachments": {"*"},
        "companies": {"*"},
        "contacts": {"*"},
        "contracts": {"view", "add", "change", "export"},
        "leads": {"view", "add", "change", "export"},
        "messaging": {"*"},
        "opportunities": {"*"},
        "reports": {"*"},
    },
    "user": {
        "attachments": {"view"},  # who reads an opportunity reads what is attached to it
        "companies": {"view"},
        "contacts": {"view"},
        "contracts": {"view"},
        "messaging": {"*"},
        "opportunities": {"view"},
    },
}


def holds(role: str, codename: str) -> bool:
    resource, _, verb = codename.partition(".")
    held = ROLES[role].get(resource, set()) | ROLES[role].get("*", set())
    return bool(held & {"*", verb})


@pytest.fixture
def here(alice) -> World:
    return calls.world(alice, "zarzamora")


@contextmanager
def undone():
    """What the block writes is not there after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def of_each(ask: Callable[[Operation], Any]) -> dict[str, Any]:
    """What comes of asking for each operation in the same world."""
    found = {}
    for row in GUARDED:
        with undone():
            found[str(row)] = ask(row)
    return found


REFUSED = {str(row): True for row in GUARDED}
SERVED = {str(row): row.status for row in GUARDED}


class TestThePermissionOfAnOperation:
    def test_is_enough(self, here: World):
        def ask(row: Operation) -> int:
            holder = people.person_holding(here.owner.workspace, row.permission)
            calls.entrust(here, holder)
            return calls.send(row, calls.of(row, here), holder.token).status_code

        assert of_each(ask) == SERVED

    def test_can_not_be_made_up_for_by_all_others(self, here: World):
        place, every = here.owner.workspace, set(permissions.catalogue)
        lacking = {name: people.person_holding(place, *every - {name}) for name in {row.permission for row in GUARDED}}
        before = stored.of_workspace(place.pk)

        def ask(row: Operation) -> bool:
            answer = calls.send(row, calls.of(row, here), lacking[row.permission].token)
            return calls.is_problem(row, answer, 403) and stored.of_workspace(place.pk) == before

        assert of_each(ask) == REFUSED

    def test_counts_from_the_next_request_on_and_not_a_request_longer(self, here: World):
        place = here.owner.workspace
        holder = people.person_holding(place, *permissions.catalogue)
        calls.entrust(here, holder)

        def ask(row: Operation) -> tuple[bool, int]:
            token, call = holder.token, calls.of(row, here)
            take(place.pk, holder, row.permission)
            is_refused = calls.is_problem(row, calls.send(row, call, token), 403)
            give(place.pk, holder, row.permission)
            return is_refused, calls.send(row, call, token).status_code

        assert of_each(ask) == {name: (True, status) for name, status in SERVED.items()}

    def test_of_a_workspace_does_not_count_in_another(self, here: World, theirs):
        guest = people.person_holding(here.owner.workspace)
        people.join(guest, theirs, "admin")
        assert (
            of_each(lambda row: calls.is_problem(row, calls.send(row, calls.of(row, here), guest.token), 403))
            == REFUSED
        )


@pytest.mark.parametrize("row", [row for row in operations.built() if row.permission == "self"], ids=str)
def test_an_operation_for_oneself_needs_a_login_alone(row: Operation, here: World):
    nobody = people.person_holding(here.owner.workspace)
    mine = replace(here, owner=nobody)
    assert calls.send(row, calls.of(row, mine), nobody.token).status_code == row.status


@pytest.mark.parametrize("role", ROLES)
class TestABuiltInRole:
    def test_opens_what_it_should_and_nothing_else(self, role: str, here: World):
        person = people.person(f"only-{role}", here.owner.workspace, role)
        calls.entrust(here, person)
        expected = {str(row): row.status if holds(role, row.permission) else 403 for row in GUARDED}
        assert of_each(lambda row: calls.send(row, calls.of(row, here), person.token).status_code) == expected

    def test_holds_the_permissions_of_its_resources(self, role: str, ours):
        held = set(
            RolePermission.objects.of(Actor.system(ours.pk))
            .filter(role__key=role)
            .values_list("permission__codename", flat=True)
        )
        assert held == {codename for codename in permissions.catalogue if holds(role, codename)}

    def test_is_taken_away_at_once(self, role: str, here: World):
        person = people.person(f"only-{role}", here.owner.workspace, role)
        token = person.token
        actions.set_roles(Actor.system(here.owner.workspace.pk), person.user.pk, role_names=[])
        answers = {row: calls.send(row, calls.of(row, here), token) for row in GUARDED}
        assert {str(row) for row, answer in answers.items() if not calls.is_problem(row, answer, 403)} == set()


def take(workspace_id: int, holder: people.Person, codename: str) -> None:
    links = RolePermission.objects.of(Actor.system(workspace_id)).filter(
        role__memberships__user=holder.user, permission__codename=codename
    )
    people.writing(workspace_id, lambda: links.delete())


def give(workspace_id: int, holder: people.Person, codename: str) -> None:
    system = Actor.system(workspace_id)
    role = RolePermission.objects.of(system).filter(role__memberships__user=holder.user).first().role
    permission = Permission.objects.of(system).get(codename=codename)
    people.writing(workspace_id, lambda: RolePermission.objects.of(system).create(role=role, permission=permission))
