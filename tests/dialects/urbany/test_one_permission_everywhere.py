"""One permission, given and taken away through this dialect, and what it opens in all of them."""

import pytest

from tests import calls, make, operations, people
from tests.dialects.urbany import governing
from tests.dialects.urbany.governing import ROLES

pytestmark = pytest.mark.django_db

GUARDED = [row for row in operations.built() if row.needs_permission]
OPENED = [row for row in GUARDED if row.permission == "contacts.view"]


@pytest.fixture
def here(alice):
    return calls.world(alice, "zarzamora")


@pytest.fixture
def role(alice, ours):
    """The address of a role made through the API with the one permission."""
    answer = alice.post(ROLES, {"name": "Lectores"})
    path = f"{ROLES}{answer.json()['id']}/"
    alice.post(f"{path}add-permission/", {"permission_id": governing.permission(ours, "contacts.view")})
    return path


@pytest.fixture
def reader(alice, ours, role):
    """Somebody whom an administrator has made with this role alone."""
    reader = people.person("reader", ours, "user")
    body = {"role_id": int(role.split("/")[-2])}
    assert alice.post(f"{governing.user(reader)}assign-role/", body).status_code == 200
    return reader


def statuses(rows, here, token):
    return {str(row): calls.send(row, calls.of(row, here), token).status_code for row in rows}


class TestReadingContacts:
    def test_is_known_in_four_dialects(self):
        assert {row.dialect for row in OPENED} == {"sales", "onboarding", "accounts", "leads"}
        assert {row.method for row in OPENED} == {"GET"}

    def test_opens_what_reads_contacts_in_each_dialect(self, here, reader):
        assert statuses(OPENED, here, reader.token) == {str(row): 200 for row in OPENED}

    def test_opens_nothing_else_anywhere(self, here, reader):
        rest = [row for row in GUARDED if row.permission != "contacts.view"]
        answers = {row: calls.send(row, calls.of(row, here), reader.token) for row in rest}
        assert {str(row) for row, answer in answers.items() if not calls.is_problem(row, answer, 403)} == set()
        assert {row.dialect for row in rest} >= {"sales", "onboarding", "accounts", "urbany"}

    @pytest.mark.parametrize("row", OPENED, ids=str)
    def test_ends_with_the_very_next_request(self, alice, ours, here, role, reader, row):
        token, call = reader.token, calls.of(row, here)
        assert calls.send(row, call, token).status_code == 200
        body = {"permission_id": governing.permission(ours, "contacts.view")}
        assert alice.post(f"{role}remove-permission/", body).status_code == 200
        assert calls.is_problem(row, calls.send(row, call, token), 403)
        assert alice.post(f"{role}add-permission/", body).status_code == 200
        assert calls.send(row, call, token).status_code == 200

    @pytest.mark.parametrize("row", OPENED, ids=str)
    def test_ends_with_the_role_the_membership_and_the_user(self, alice, ours, here, reader, row):
        token, call, path = reader.token, calls.of(row, here), governing.user(reader)
        nothing = make.role(alice.actor, name="Nada")
        for change, status in (
            ({"role": nothing.name}, 403),
            ({"role": "Lectores"}, 200),
            ({"is_active": False}, 401),
            ({"is_active": True}, 200),
        ):
            assert alice.patch(path, change).status_code == 200
            assert calls.send(row, call, token).status_code == status
        alice.delete(path)
        assert calls.is_problem(row, calls.send(row, call, token), 401)
