"""GET /audit-logs: every dialect's writes, filtered and in parts, for administrators alone, and never changed."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import Client

from backend.modules.contacts.models import Contact
from backend.modules.ledger.models import Entry
from tests import calls, make, operations, people
from tests.dialects.leads.conftest import faults

pytestmark = pytest.mark.django_db

ROW = [
    "id", "table_name", "record_id", "action", "old_values", "new_values", "user_id", "username", "operation",
    "request_id", "created_at",
]  # fmt: skip


@pytest.fixture
def lead(alice, bob, contact):
    lead = make.lead(alice.actor, contact, assigned_to_id=bob.user.pk)
    bob.patch(f"/leads/{lead.pk}/status", {"status": "contacted"})
    return lead


def logs(who, **query):
    answer = who.get("/audit-logs?" + "&".join(f"{name}={value}" for name, value in query.items()))
    assert answer.status_code == 200, answer.content
    return answer.json()


class TestAnEntry:
    def test_says_what_was_changed_by_whom_and_when(self, alice, bob, lead):
        before = datetime.now(UTC)
        [found] = logs(alice, table="leads", record_id=lead.pk, action="update")
        assert list(found) == ROW
        assert (found["table_name"], found["record_id"], found["action"]) == ("leads", lead.pk, "update")
        assert (found["user_id"], found["username"], found["operation"]) == (bob.user.pk, "bob", "lead.set_status")
        assert found["old_values"].items() >= {"status": "new", "contacted_at": None}.items()
        assert found["new_values"]["status"] == "contacted"
        assert found["old_values"].keys() == found["new_values"].keys() == {"status", "contacted_at"}
        assert found["request_id"] == UUID(found["request_id"]).hex
        assert datetime.fromisoformat(found["created_at"]) <= before
        assert alice.get(f"/audit-logs/{found['id']}").json() == found

    def test_of_a_creation_has_no_old_values_and_of_a_deletion_no_new_ones(self, alice, lead):
        alice.delete(f"/leads/{lead.pk}")
        deleted, _, created = logs(alice, table="leads", record_id=lead.pk)
        assert (created["action"], created["old_values"], created["new_values"]["status"]) == ("create", None, "new")
        assert (deleted["action"], deleted["new_values"], deleted["old_values"]["status"]) == (
            "delete",
            None,
            "contacted",
        )

    def test_is_written_by_every_dialect(self, alice, ours):
        people.person("ventas", ours, "sales")
        firm = {"nombre": "Acme", "industria": "tecnologia"}
        sent = {
            "/api/clients/": {"first_name": "Jane", "last_name": "Smith", "email": "jane@example.com"},
            "/api/v1/empresas/": firm,
            "/v1/accounts": {"name": "Otra"},
            "/api/contratos/": {
                "title": "Lease", "contract_type": "Lease", "client_name": "Ana", "contract_value": "1.00",
                "commission_rate": "5.00",
            },
            "/clients": {"contact_name": "Juan Pérez", "phone": "+584123456789"},
        }  # fmt: skip
        for path, body in sent.items():
            assert alice.post(path, body).status_code == 201, path
        made = [(each["table_name"], each["action"]) for each in logs(alice, user_id=alice.user.pk)]
        assert made == [
            ("contacts", "create"), ("contracts", "create"), ("companies", "create"), ("companies", "create"),
            ("contacts", "create"),
        ]  # fmt: skip

    def test_is_written_for_each_record_of_a_bulk_write(self, alice):
        found = [make.contact(alice.actor) for _ in range(3)]

        def write():
            for contact in found:
                contact.job_title = "Gerente"
            Contact.objects.of(alice.actor).bulk_update(found, ["job_title"])

        people.writing(alice.workspace.pk, write)
        changed = logs(alice, table="contacts", action="update")
        assert {each["record_id"] for each in changed} == {contact.pk for contact in found}
        assert {each["new_values"]["job_title"] for each in changed} == {"Gerente"}


class TestTheList:
    def test_is_for_administrators_alone(self, alice, bob, carla, dario, lead):
        [entry, *_] = logs(alice)
        for who in (bob, carla, dario):
            assert who.get("/audit-logs").status_code == 403
            assert who.get(f"/audit-logs/{entry['id']}").status_code == 403

    def test_is_of_this_workspace_alone(self, alice, stranger, lead):
        [entry, *_] = logs(alice)
        assert stranger.get(f"/audit-logs/{entry['id']}").status_code == 404
        assert "leads" not in {each["table_name"] for each in logs(stranger)}

    def test_comes_newest_first_and_in_parts(self, alice, lead):
        everything = logs(alice, limit=200)
        ids = [each["id"] for each in everything]
        assert ids == sorted(ids, reverse=True)
        answer = alice.get("/audit-logs?skip=2&limit=3")
        assert answer.json() == everything[2:5]
        assert answer.headers["X-Total-Count"] == str(len(everything))
        assert [each["id"] for each in logs(alice, ordering="created_at", limit=200)] == ids[::-1]

    def test_is_narrowed_by_each_filter(self, alice, bob, lead):
        assert {each["table_name"] for each in logs(alice, table="leads")} == {"leads"}
        assert {each["username"] for each in logs(alice, user_id=bob.user.pk)} == {"bob"}
        assert {each["action"] for each in logs(alice, action="create")} == {"create"}
        assert logs(alice, table="nada") == logs(alice, user_id=999_999) == []

    def test_is_narrowed_by_days_of_the_workspace(self, alice, lead):
        day = alice.actor.today.isoformat()
        assert logs(alice, created_from=day, created_to=day) == logs(alice)
        assert logs(alice, created_to="2020-01-01") == logs(alice, created_from="2100-01-01") == []

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("action=read", "action"), ("record_id=x", "record_id"), ("user_id=0", "user_id"), ("limit=201", "limit"),
            ("created_from=x", "created_from"), ("ordering=table", "ordering"), (f"table={'x' * 65}", "table"),
        ],
    )  # fmt: skip
    def test_names_the_parameter_that_is_wrong(self, alice, query, field):
        [(location, _)] = faults(alice.get(f"/audit-logs?{query}"))
        assert location == ["query", field]

    def test_costs_two_statements_and_who_calls(self, lead, counted):
        counted("/audit-logs?table=leads", 3)


class TestNobody:
    """Changes or removes an entry. What the models and PostgreSQL refuse is in `tests/modules/ledger`."""

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_by_a_request(self, alice, lead, method):
        before = list(Entry.across_workspaces.values())
        [entry, *_] = logs(alice)
        for path in (f"/audit-logs/{entry['id']}", "/audit-logs"):
            assert alice.call(method, path, {"new_values": {}}).status_code == 405
        assert list(Entry.across_workspaces.values()) == before

    def test_by_any_operation_of_any_dialect(self, alice):
        """Whatever is called, the entries of before stand after it as they stood."""
        place = calls.world(alice, "zarzamora")
        before = list(Entry.across_workspaces.order_by("id").values())
        for row in [row for row in operations.built() if row.method != "GET"]:
            calls.send(row, calls.of(row, place), alice.token)
        after = Entry.across_workspaces.order_by("id").values()
        assert list(after[: len(before)]) == before

    def test_in_the_admin(self, ours, lead):
        root = people.person("root", ours, "admin", password=people.PASSWORD).user
        root.is_staff = root.is_superuser = True
        people.writing(ours.pk, root.save)
        browser = Client()
        browser.force_login(root)
        entry, before = Entry.across_workspaces.first(), list(Entry.across_workspaces.values())
        for page in (f"{entry.pk}/change/", f"{entry.pk}/delete/", "add/", ""):
            body = {"verb": "nothing.happened", "action": "delete_selected", "_selected_action": entry.pk}
            answer = browser.post(f"/admin/ledger/entry/{page}", body)
            assert answer.status_code in (200, 302, 403), page
        assert list(Entry.across_workspaces.values()) == before
