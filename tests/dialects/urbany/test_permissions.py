"""/api/permissions/ and /api/roles/permissions/."""

from collections import Counter

import pytest
from django.test import Client

from backend.core import permissions
from backend.modules.identity.models import Permission
from tests import make, stored
from tests.dialects.urbany import governing
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED, PERMISSIONS, ROLES
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

SHOWN = ["id", "name", "content_type", "codename", "description"]
TAKEN = {"codename": ["Ya existe un permiso con este codename"]}
REFUSED = {"codename": ["Un codename lleva letras sin acentos, cifras, «_» y «-»."]}
LISTS = pytest.mark.parametrize("path", [PERMISSIONS, f"{ROLES}permissions/"])


@pytest.fixture
def reports():
    return {"name": "Can view reports", "codename": "view_reports", "description": "Permite ver reportes del sistema"}


def every_codename(person):
    rows = person.get(f"{PERMISSIONS}?page_size=100").json()["results"]
    return [row["codename"] for row in rows]


class TestTheLists:
    @LISTS
    def test_have_the_union_of_both_descriptions(self, alice, path):
        page = alice.get(path).json()
        assert list(page) == ["count", "next", "previous", "results"]
        assert [list(row) for row in page["results"]] == [SHOWN] * 20
        assert page["next"] == f"http://testserver{path}?page=2"

    def test_are_the_same(self, alice):
        for query in ("?page_size=100", "?page_size=7&page=2"):
            one, other = (alice.get(f"{path}{query}").json() for path in (PERMISSIONS, f"{ROLES}permissions/"))
            assert (one["count"], one["results"]) == (other["count"], other["results"])

    def test_have_every_built_in_permission_with_what_it_is_about(self, alice):
        page = alice.get(f"{PERMISSIONS}?page_size=100").json()
        assert page["count"] == len(permissions.catalogue)
        shown = {row["codename"]: (row["name"], row["content_type"]) for row in page["results"]}
        assert shown == {each.codename: (each.name, each.content_type) for each in permissions.catalogue.values()}

    def test_have_the_workspace_s_own_at_the_end_and_no_other_workspace_s(self, alice, stranger, reports):
        alice.post(PERMISSIONS, reports)
        assert every_codename(alice)[-1] == "view_reports"
        assert "view_reports" not in every_codename(stranger)

    @LISTS
    def test_cost_the_same_queries_however_many_there_are(self, alice, counted, path):
        for number in range(3):
            make.permission(alice.actor, name=f"Own {number}", codename=f"own_{number}")
        counted(path, queries=3)

    @LISTS
    def test_past_the_end_are_404(self, alice, path):
        assert error(alice.get(f"{path}?page=99")) == (404, "La página no existe")

    @LISTS
    def test_are_refused_without_the_permission(self, carla, path):
        assert error(carla.get(path)) == (403, DENIED)


class TestCreate:
    def test_answers_201_with_the_permission(self, alice, reports):
        answer = alice.post(PERMISSIONS, reports)
        assert (answer.status_code, list(answer.json())) == (201, SHOWN)
        assert answer.json() == {"id": answer.json()["id"], "content_type": "", **reports}

    def test_keeps_what_it_is_about(self, alice, reports):
        assert alice.post(PERMISSIONS, reports | {"content_type": "report"}).json()["content_type"] == "report"

    def test_gives_it_to_administrators_at_once_and_to_nobody_else(self, alice, bob, ours, reports):
        alice.post(PERMISSIONS, reports)
        assert "view_reports" in governing.held_by(alice, alice)
        assert "view_reports" not in governing.held_by(alice, bob)
        assert "view_reports" in bob_with(alice, bob, ours)

    @pytest.mark.parametrize("codename", ["view", "VIEW_2", "a-b", "x" * 100, "0", "_"])
    def test_takes_letters_digits_underscores_and_hyphens(self, alice, reports, codename):
        assert alice.post(PERMISSIONS, reports | {"codename": codename}).status_code == 201

    @pytest.mark.parametrize("codename", ["contacts.view", "contacts.other", "ver reportes", "año", "a,b", "a\nb", "١"])
    def test_refuses_other_signs(self, alice, reports, codename):
        with stored.nothing_written():
            assert details(alice.post(PERMISSIONS, reports | {"codename": codename})) == REFUSED

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("codename", ""), ("codename", "x" * 101), ("codename", None), ("codename", 5), ("name", ""),
            ("name", None), ("name", "x" * 201), ("description", "x" * 1001), ("content_type", "x" * 101),
            ("is_built_in", True),
        ],
    )  # fmt: skip
    def test_refuses_what_is_none_by_its_field(self, alice, reports, field, value):
        with stored.nothing_written():
            assert list(details(alice.post(PERMISSIONS, reports | {field: value}))) == [field]

    def test_refuses_a_codename_that_is_taken(self, alice, stranger, reports):
        alice.post(PERMISSIONS, reports)
        with stored.nothing_written():
            assert details(alice.post(PERMISSIONS, reports | {"name": "Other"})) == TAKEN
        assert stranger.post(PERMISSIONS, reports).status_code == 201

    def test_is_done_once_with_an_idempotency_key(self, alice, reports):
        first, second = (alice.post(PERMISSIONS, reports, Idempotency_Key="one") for _ in range(2))
        assert (second.status_code, second.content) == (201, first.content)

    @pytest.mark.parametrize("name", ["bob", "carla", "dario"])
    def test_is_refused_without_the_permission(self, request, reports, name):
        person = request.getfixturevalue(name)
        with stored.nothing_written():
            assert error(person.post(PERMISSIONS, reports)) == (403, DENIED)


def bob_with(alice, bob, ours):
    """What bob holds once his role has the permission."""
    body = {"permission_id": governing.permission(ours, "view_reports")}
    alice.post(f"{ROLES}{governing.role(ours, 'sales')}/add-permission/", body)
    return governing.held_by(alice, bob)


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
def test_twenty_creations_of_one_codename_at_once_make_one_permission(alice, reports):
    bearer = {"Authorization": f"Bearer {alice.token}"}

    def create(which):
        return Client().post(PERMISSIONS, reports, content_type="application/json", headers=bearer)

    answers = at_once(20, create)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 400: 19}
    assert all(details(answer) == TAKEN for answer in answers if answer.status_code == 400)
    assert Permission.objects.of(alice.actor).filter(codename="view_reports").count() == 1


class TestDelete:
    def test_takes_it_from_every_role_at_once(self, alice, bob, ours, reports):
        made = alice.post(PERMISSIONS, reports).json()["id"]
        assert "view_reports" in bob_with(alice, bob, ours)
        answer = alice.delete(f"{PERMISSIONS}{made}/")
        assert (answer.status_code, answer.content) == (204, b"")
        for person in (alice, bob):
            assert "view_reports" not in governing.held_by(alice, person)
        assert "view_reports" not in every_codename(alice)
        assert alice.delete(f"{PERMISSIONS}{made}/").status_code == 404

    def test_frees_the_codename_which_nobody_but_administrators_holds_then(self, alice, bob, ours, reports):
        made = alice.post(PERMISSIONS, reports).json()["id"]
        bob_with(alice, bob, ours)
        alice.delete(f"{PERMISSIONS}{made}/")
        assert alice.post(PERMISSIONS, reports).status_code == 201
        assert "view_reports" not in governing.held_by(alice, bob)

    def test_of_a_built_in_one_is_refused(self, alice, ours):
        path = f"{PERMISSIONS}{governing.permission(ours, 'contacts.view')}/"
        with stored.nothing_written():
            assert error(alice.delete(path)) == (409, "Es un permiso del sistema: no se elimina")

    def test_of_another_workspace_s_is_404(self, alice, stranger):
        theirs = make.permission(stranger.actor, name="Own", codename="own")
        with stored.nothing_written():
            assert alice.delete(f"{PERMISSIONS}{theirs.pk}/").status_code == 404

    @pytest.mark.parametrize("name", ["bob", "carla", "dario"])
    def test_is_refused_without_the_permission(self, request, alice, name):
        own = make.permission(alice.actor, name="Own", codename="own")
        person = request.getfixturevalue(name)
        with stored.nothing_written():
            assert error(person.delete(f"{PERMISSIONS}{own.pk}/")) == (403, DENIED)
