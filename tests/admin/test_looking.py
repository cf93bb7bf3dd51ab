"""Superusers see all workspaces in the admin, other staff their own, nobody else anything."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from ninja_jwt.token_blacklist.models import OutstandingToken

from backend.modules.activities import actions as activities
from backend.modules.contacts import actions as contacts
from backend.modules.contacts.models import Contact
from backend.modules.contracts.models import Contract
from backend.modules.identity import actions
from backend.modules.identity.models import Membership, User
from backend.modules.ledger.models import Entry
from tests import make, people
from tests.admin.pages import OF_EACH, address, last_of


def queries(client, page: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(page)
    return len(captured)


class TestWhoGetsIn:
    def test_nobody_without_a_login(self, client, db):
        assert client.get("/admin/").status_code == 302

    def test_no_ordinary_user(self, client, alice):
        form = {"username": "alice", "password": people.PASSWORD}
        assert b"staff account" in client.post("/admin/login/", form).content
        client.force_login(alice.user)
        assert client.get("/admin/").status_code == 302

    def test_staff_with_their_password(self, client, root):
        client.logout()
        form = {"username": "ROOT", "password": people.PASSWORD, "next": "/admin/"}
        assert client.post("/admin/login/", form)["Location"] == "/admin/"
        assert client.get("/admin/").status_code == 200

    def test_nobody_any_more_once_inactive(self, root):
        root.user.is_active = False
        people.writing(None, root.user.save)
        assert root.get("/admin/").status_code == 302

    def test_no_published_password_outside_development(self, client, ours, settings):
        actions.create_superuser(username="admin", email="admin@example.com", password="admin123")
        form = {"username": "admin", "password": "admin123", "next": "/admin/"}
        settings.DEVELOPMENT = False
        assert client.post("/admin/login/", form).status_code == 200
        settings.DEVELOPMENT = True
        assert client.post("/admin/login/", form).status_code == 302


class TestEveryPage:
    @OF_EACH
    def test_opens_for_a_superuser(self, root, rows, ours, theirs, model):
        assert root.get(address(model)).status_code == 200
        for place in (ours, theirs):
            for page in ("change", "history"):
                assert root.get(address(model, last_of(model, place), page)).status_code == 200

    @OF_EACH
    @pytest.mark.parametrize("term", ["7", "ines theirs", "%", '"', "x" * 300])
    def test_finds(self, root, rows, model, term):
        assert root.get(address(model), {"q": term}).status_code == 200

    @OF_EACH
    def test_has_the_workspace_as_a_column_and_a_filter(self, root, rows, theirs, model):
        if not any(field.name == "workspace" for field in model._meta.fields):
            return
        page = admin.site.get_model_admin(model)
        assert "workspace" in page.list_display
        found = root.get(address(model), {"workspace__id__exact": theirs.pk}).context["cl"].result_list
        assert {row.workspace_id for row in found} == {theirs.pk}

    @OF_EACH
    def test_costs_the_same_number_of_queries_for_more_rows(self, root, rows, bob, stranger, model):
        queries(root, address(model))  # what is remembered from the first request on is not counted
        before = queries(root, address(model))
        for number in range(3):
            people.person(f"more{number}", bob.workspace, "sales")
            contact = contacts.create(bob.actor, first_name=f"More {number}", company_name=f"More {number}")
            activities.create(bob.actor, contact_id=contact.pk, kind="note", subject="More")
        people.workspace("More")
        assert queries(root, address(model)) == before

    def test_of_a_contact_shows_its_activities(self, root, rows):
        text = root.get(address(Contact, rows["ours"].pk, "change")).content.decode()
        assert "Ours call" in text
        assert "Theirs call" not in text

    def test_of_a_contact_costs_the_same_with_more_activities(self, root, rows, bob, carla):
        page = address(Contact, rows["ours"].pk, "change")
        queries(root, page)
        before = queries(root, page)
        for person in (bob, carla, bob):
            activities.create(person.actor, contact_id=rows["ours"].pk, kind="note", subject="More")
        assert queries(root, page) == before

    def test_of_a_contract_shows_its_payments_and_notes(self, root, rows, ours):
        text = root.get(address(Contract, last_of(Contract, ours), "change")).content.decode()
        assert "Ours deposit" in text
        assert "Ours wants to move in soon" in text
        assert "Theirs" not in text

    def test_of_a_contract_costs_the_same_with_more_payments_and_notes(self, root, rows, ours, bob, carla):
        page = address(Contract, last_of(Contract, ours), "change")
        queries(root, page)
        before = queries(root, page)
        for person in (bob, carla, bob):
            contract = Contract.objects.of(bob.actor).get()
            make.payment(person.actor, contract)
            make.note(person.actor, contract)
        assert queries(root, page) == before

    def test_of_an_entry_shows_what_changed(self, root, bob, rows):
        contacts.update(bob.actor, rows["ours"].pk, notes="Llamar <b>mañana</b>")
        entry = Entry.across_workspaces.order_by("-id").first()
        text = root.get(address(Entry, entry.pk, "change")).content.decode()
        assert "Llamar &lt;b&gt;mañana&lt;/b&gt;" in text

    @pytest.mark.parametrize("model", [Group, OutstandingToken])
    def test_of_tokens_and_groups_is_missing(self, root, model):
        assert not admin.site.is_registered(model)


class TestStaffOfOneWorkspace:
    @OF_EACH
    def test_see_their_own_rows_and_no_others(self, staff, rows, ours, theirs, model):
        found = staff.get(address(model)).context["cl"]
        shown = {row.pk for row in found.queryset}
        assert last_of(model, ours) in shown
        assert last_of(model, theirs) not in shown
        assert staff.get(address(model, last_of(model, ours), "change")).status_code == 200

    @OF_EACH
    @pytest.mark.parametrize("page", ["change", "history", "delete", "password"])
    def test_find_nothing_at_another_workspace_s_address(self, staff, rows, theirs, model, page):
        response = staff.get(address(model, last_of(model, theirs), page))
        assert response.status_code in (302, 403, 404)
        assert "Theirs" not in response.content.decode()

    @OF_EACH
    def test_are_told_nothing_of_others_by_a_list_its_filters_or_its_search(self, staff, rows, theirs, stranger, model):
        filters = {"workspace__id__exact": theirs.pk} if model.__name__ not in ("Workspace", "User") else {}
        for parameters in ({}, {"q": "theirs"}, filters):
            text = staff.get(address(model), parameters).content.decode()
            text = text.replace('value="theirs"', "")  # the term itself, in the search box
            assert "Theirs" not in text
            assert "stranger" not in text

    @OF_EACH
    def test_may_only_look(self, staff, rows, ours, model):
        page = admin.site.get_model_admin(model)
        request = staff.get(address(model)).wsgi_request
        assert page.has_view_permission(request)
        may = page.has_add_permission, page.has_change_permission, page.has_delete_permission
        assert not any(each(request) for each in may)
        assert staff.post(address(model, last_of(model, ours), "change"), {"name": "x"}).status_code == 403

    def test_see_nothing_once_their_membership_is_inactive(self, staff, alice, carla, rows):
        actions.set_active(alice.actor, carla.user.pk, is_active=False)
        assert not staff.get(address(Contact)).context["cl"].queryset.exists()

    def test_may_not_set_another_s_password(self, staff, bob):
        form = {"password1": "quite another one", "password2": "quite another one"}
        assert staff.post(address(User, bob.user.pk, "password"), form).status_code == 403

    def test_can_t_find_out_a_hash_by_its_beginning(self, staff, bob):
        for parameter in ("password__startswith", "password_stamp__startswith"):
            assert staff.get(address(User), {parameter: "a"}).status_code == 400
        assert staff.get(address(Membership), {"user__password__startswith": "a"}).status_code == 400
