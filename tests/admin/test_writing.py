"""The admin writes only what no action of the API is for, within an action of its own."""

import pytest
from django.contrib import admin
from django.db.models import ForeignKey

from backend.core.actor import Actor
from backend.modules.activities.models import Activity
from backend.modules.contacts.models import Contact
from backend.modules.contracts.models import Contract
from backend.modules.identity import authentication
from backend.modules.identity.models import Membership, User
from backend.modules.ledger.models import Entry
from tests import people
from tests.admin.pages import OF_EACH, address, last_of

EDITABLE = {"workspace", "user", "membership"}


class TestWhatASuperuserMayWrite:
    @OF_EACH
    def test_is_only_what_is_no_business_of_an_action(self, root, rows, ours, model):
        page = admin.site.get_model_admin(model)
        request = root.get(address(model)).wsgi_request
        assert not page.has_add_permission(request)
        assert not page.has_delete_permission(request)
        assert page.has_change_permission(request) == (model._meta.model_name in EDITABLE)

    @OF_EACH
    def test_nothing_is_added_or_deleted(self, root, rows, ours, model):
        before = model._default_manager.count()
        pk = last_of(model, ours)
        assert root.post(address(model, "add"), {"name": "x"}).status_code == 403
        assert root.post(address(model, pk, "delete"), {"post": "yes"}).status_code == 403
        root.post(address(model), {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})
        assert model._default_manager.count() == before

    @pytest.mark.parametrize("model", [Contact, Activity, Contract, Entry], ids=lambda model: model._meta.model_name)
    def test_business_rows_stay_as_they_are(self, root, rows, ours, model):
        pk = last_of(model, ours)
        before = model._default_manager.filter(pk=pk).values().get()
        fields = {field.name: "1" for field in model._meta.fields if not isinstance(field, ForeignKey)}
        assert root.post(address(model, pk, "change"), fields).status_code == 403
        assert model._default_manager.filter(pk=pk).values().get() == before

    def test_a_membership_is_made_inactive_and_the_ledger_says_by_whom(self, root, alice, bob):
        membership = Membership.across_workspaces.get(user=bob.user)
        response = root.post(address(Membership, membership.pk, "change"), {})
        assert response.status_code == 302
        entry = Entry.across_workspaces.order_by("-id").first()
        assert (entry.verb, entry.action, entry.username) == ("membership.updated", "admin.save", "root")
        assert (entry.workspace_id, entry.record_id) == (bob.workspace.pk, membership.pk)
        assert (entry.old, entry.new) == ({"is_active": True}, {"is_active": False})
        assert bob.get("/api/me/").status_code == 401

    def test_a_user_in_the_ledger_of_their_workspace(self, root, stranger):
        form = {"first_name": "Estela", "last_name": "Ríos", "is_active": "on"}
        assert root.post(address(User, stranger.user.pk, "change"), form).status_code == 302
        entry = Entry.objects.of(Actor.system(stranger.workspace.pk)).get(action="admin.save")
        assert entry.new == {"first_name": "Estela", "last_name": "Ríos"}

    def test_not_their_own_access(self, root):
        assert root.post(address(User, root.user.pk, "change"), {"first_name": "R", "last_name": ""}).status_code == 302
        root.user.refresh_from_db()
        assert (root.user.first_name, root.user.is_active, root.user.is_staff) == ("R", True, True)

    def test_a_workspace_with_a_time_zone_region_and_language_that_exist(self, root, ours):
        form = {"name": "Nuestra", "time_zone": "America/Bogota", "region": "CO", "language": "en"}
        assert root.post(address(type(ours), ours.pk, "change"), form).status_code == 302
        ours.refresh_from_db()
        assert (ours.name, ours.time_zone, ours.region, ours.language) == ("Nuestra", "America/Bogota", "CO", "en")
        for wrong in ({"time_zone": "America/Macondo"}, {"region": "XX"}, {"language": "qu"}, {"language": ""}):
            assert root.post(address(type(ours), ours.pk, "change"), form | wrong).status_code == 200
        ours.refresh_from_db()
        assert (ours.time_zone, ours.region, ours.language) == ("America/Bogota", "CO", "en")


class TestPasswords:
    NEW = {"password1": "Cerro de la Sal 7", "password2": "Cerro de la Sal 7"}

    def test_a_new_one_ends_the_old_tokens_and_is_masked_in_the_ledger(self, root, bob):
        token = bob.token
        assert root.post(address(User, bob.user.pk, "password"), self.NEW).status_code == 302
        assert authentication.log_in(username="bob", password=self.NEW["password1"])
        assert bob.client.get("/api/me/", headers={"Authorization": f"Bearer {token}"}).status_code == 401
        entry = Entry.across_workspaces.order_by("-id").first()
        assert (entry.action, entry.username) == ("admin.save", "root")
        assert entry.new.pop("must_change_password") is True
        assert set(entry.new.values()) == {"********"}

    def test_a_new_one_has_to_be_changed_by_its_user(self, root, bob, ours):
        root.post(address(User, bob.user.pk, "password"), self.NEW)
        body = {"email": bob.user.email, "password": self.NEW["password1"], "companyId": ours.pk}
        session = bob.client.post("/v1/auth/login", body, content_type="application/json").json()
        assert session["forcePasswordReset"] is True
        headers = {"Authorization": f"Bearer {session['access_token']}"}
        assert bob.client.get("/v1/apikeys", headers=headers).json()["error"]["code"] == "PASSWORD_CHANGE_OWED"

    def test_of_one_s_own_is_on_the_page_that_asks_for_the_old_one(self, root):
        answer = root.post(address(User, root.user.pk, "password"), self.NEW)
        assert (answer.status_code, answer["Location"]) == (302, "/admin/password_change/")
        assert authentication.log_in(username="root", password=people.PASSWORD)

    @pytest.mark.parametrize("wrong", [{"password1": "short", "password2": "short"}, {"password1": "one of two"}, {}])
    def test_a_bad_one_changes_nothing(self, root, alice, wrong):
        assert root.post(address(User, alice.user.pk, "password"), wrong).status_code == 200
        assert authentication.log_in(username="alice", password=people.PASSWORD)

    def test_is_never_just_taken_away(self, root, alice):
        form = {"usable_password": "false", "unset-password": "1"}
        assert root.post(address(User, alice.user.pk, "password"), form).status_code == 200
        assert authentication.log_in(username="alice", password=people.PASSWORD)

    def test_one_s_own(self, root):
        form = {"old_password": people.PASSWORD, "new_password1": "Otra muy larga", "new_password2": "Otra muy larga"}
        assert root.post("/admin/password_change/", form).status_code == 302
        assert root.get("/admin/").status_code == 200, "the session goes on"
        assert authentication.log_in(username="root", password="Otra muy larga")
        root.user.refresh_from_db()
        assert root.user.must_change_password is False

    def test_page_of_nobody_is_not_found(self, root):
        assert root.get(address(User, 10**9, "password")).status_code == 404
