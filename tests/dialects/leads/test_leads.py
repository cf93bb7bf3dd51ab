"""/leads: what a lead is, who may write which notes, what became of it."""

import pytest

from backend.modules.leads.models import Lead
from tests import make
from tests.dialects.leads.conftest import faults

pytestmark = pytest.mark.django_db

ROW = [
    "id", "client_id", "client_name", "client_phone", "channel", "status", "assigned_to", "assigned_to_name",
    "admin_notes", "sales_notes", "contacted_at", "created_by", "created_at", "updated_at",
]  # fmt: skip


@pytest.fixture
def lead(alice, contact):
    return make.lead(alice.actor, contact)


@pytest.fixture
def bobs(alice, bob, contact):
    return make.lead(alice.actor, contact, assigned_to_id=bob.user.pk, admin_notes="Cliente importante")


def path(lead, end=""):
    return f"/leads/{lead.pk}{end}"


def ids(who, query=""):
    return [row["id"] for row in who.get(f"/leads{query}").json()]


class TestCreating:
    def test_takes_the_document_s_example(self, alice, contact):
        body = {
            "client_id": contact.pk, "channel": "web", "status": "new",
            "admin_notes": "Cliente interesado en servicios", "sales_notes": "Llamar el lunes",
        }  # fmt: skip
        answer = alice.post("/leads", body)
        assert (answer.status_code, list(answer.json())) == (201, [*ROW, "client", "history"])
        assert answer.json().items() >= body.items()
        assert answer.json()["client"] == {
            "id": contact.pk, "contact_name": "Juan Pérez", "phone": "+58 412-345 6789", "email": contact.email,
        }  # fmt: skip

    def test_needs_a_client_alone(self, alice, contact):
        made = alice.post("/leads", {"client_id": contact.pk}).json()
        assert (made["channel"], made["status"], made["assigned_to"]) == ("manual", "new", None)
        assert (made["admin_notes"], made["sales_notes"], made["contacted_at"]) == (None, None, None)

    @pytest.mark.parametrize("status", ["contacted", "quoted", "closed"])
    def test_further_on_was_contacted_when_it_came(self, alice, contact, status):
        made = alice.post("/leads", {"client_id": contact.pk, "status": status}).json()
        assert made["contacted_at"] == made["created_at"]

    def test_by_a_salesperson_is_theirs(self, bob, contact):
        made = bob.post("/leads", {"client_id": contact.pk})
        assert (made.status_code, made.json()["assigned_to"]) == (201, bob.user.pk)

    def test_by_a_salesperson_for_somebody_else_is_refused(self, alice, bob, contact):
        for other in (alice.user.pk, None):
            assert bob.post("/leads", {"client_id": contact.pk, "assigned_to": other}).status_code == 403
        assert not Lead.objects.of(alice.actor).exists()

    @pytest.mark.parametrize(
        ("field", "value", "kind"),
        [
            ("client_id", None, "int_type"), ("client_id", 0, "greater_than_equal"), ("client_id", "x", "int_parsing"),
            ("client_id", 999_999, "value_error"), ("channel", "fax", "enum"), ("channel", None, "enum"),
            ("status", "lost", "enum"), ("assigned_to", 999_999, "value_error"), ("sales_notes", 7, "string_type"),
            ("sales_notes", "x" * 20_001, "string_too_long"), ("score", 7, "extra_forbidden"),
        ],
    )  # fmt: skip
    def test_names_the_field_that_is_wrong(self, alice, contact, field, value, kind):
        body = {"client_id": contact.pk} | {field: value}
        assert faults(alice.post("/leads", body)) == [(["body", field], kind)]

    def test_for_who_may_not_act_here_is_refused(self, alice, stranger, contact):
        body = {"client_id": contact.pk, "assigned_to": stranger.user.pk}
        assert faults(alice.post("/leads", body)) == [(["body", "assigned_to"], "value_error")]

    def test_needs_a_client_of_this_workspace(self, stranger, contact):
        assert faults(stranger.post("/leads", {"client_id": contact.pk})) == [(["body", "client_id"], "value_error")]


class TestNotes:
    def test_of_the_administration_are_read_by_a_salesperson(self, bob, bobs):
        assert bob.get(path(bobs)).json()["admin_notes"] == "Cliente importante"

    @pytest.mark.parametrize("text", ["Otra cosa", "", None])
    def test_of_the_administration_are_not_written_by_a_salesperson(self, alice, bob, bobs, text):
        answer = bob.patch(path(bobs), {"admin_notes": text, "sales_notes": "Hola"})
        assert (answer.status_code, answer.json()) == (403, {"detail": "The administration writes these notes."})
        assert alice.get(path(bobs)).json()["sales_notes"] is None

    def test_of_the_administration_may_come_back_as_they_are(self, bob, bobs):
        read = bob.get(path(bobs)).json()
        answer = bob.patch(path(bobs), read | {"sales_notes": "Hola"})
        assert (answer.status_code, answer.json()["sales_notes"]) == (200, "Hola")

    def test_are_both_written_by_management(self, carla, bobs):
        body = {"admin_notes": "Descuento", "sales_notes": "Hola"}
        assert carla.patch(path(bobs), body).json().items() >= body.items()

    def test_may_be_emptied(self, alice, bobs):
        assert alice.patch(path(bobs), {"admin_notes": None}).json()["admin_notes"] is None


class TestChanging:
    @pytest.mark.parametrize(
        "body",
        [{"channel": "instagram"}, {"status": "quoted"}, {"sales_notes": "Llamar"}, {"admin_notes": "Descuento"}],
        ids=lambda body: next(iter(body)),
    )
    def test_of_one_field_leaves_the_others(self, alice, lead, body):
        before = alice.get(path(lead)).json()
        after = alice.patch(path(lead), body).json()
        moved = ("updated_at", "history", "contacted_at")
        assert after == before | body | {name: after[name] for name in moved}

    @pytest.mark.parametrize("field", ["client_id", "channel", "status"])
    def test_to_null_is_refused_where_it_makes_no_sense(self, alice, lead, field):
        [(location, _)] = faults(alice.patch(path(lead), {field: None}))
        assert location == ["body", field]

    def test_moves_it_to_another_client(self, alice, lead):
        other = make.contact(alice.actor, first_name="Ana")
        assert alice.patch(path(lead), {"client_id": other.pk}).json()["client"]["id"] == other.pk
        assert ids(alice, "?q=juan") == []
        assert ids(alice, "?q=ana") == [lead.pk]

    def test_with_an_old_version_is_refused(self, alice, lead):
        tag = alice.get(path(lead)).headers["ETag"]
        assert alice.patch(path(lead, "/status"), {"status": "contacted"}, If_Match=tag).status_code == 200
        assert alice.patch(path(lead, "/status"), {"status": "quoted"}, If_Match=tag).status_code == 412


class TestTheStatus:
    def test_first_contacted_is_kept_whatever_comes_after(self, alice, lead):
        first = alice.patch(path(lead, "/status"), {"status": "contacted"}).json()["contacted_at"]
        assert first
        for status in ("new", "quoted", "discarded", "closed"):
            assert alice.patch(path(lead, "/status"), {"status": status}).json()["contacted_at"] == first

    def test_discarded_without_a_contact_has_none(self, alice, lead):
        assert alice.patch(path(lead, "/status"), {"status": "discarded"}).json()["contacted_at"] is None

    @pytest.mark.parametrize("body", [{}, {"status": None}, {"status": "lost"}, {"status": "new", "x": 1}])
    def test_has_to_be_one_of_them(self, alice, lead, body):
        assert faults(alice.patch(path(lead, "/status"), body))


class TestAssigning:
    def test_gives_it_to_a_member_or_to_nobody(self, alice, bob, lead):
        given = alice.patch(path(lead, "/assign"), {"user_id": bob.user.pk}).json()
        assert (given["assigned_to"], given["assigned_to_name"]) == (bob.user.pk, "bob")
        taken = alice.patch(path(lead, "/assign"), {"user_id": None}).json()
        assert (taken["assigned_to"], taken["assigned_to_name"]) == (None, None)

    @pytest.mark.parametrize("body", [{}, {"user_id": "bob"}, {"user_id": 999_999}, {"user_id": True}])
    def test_needs_a_user_who_is_there(self, alice, lead, body):
        [(location, _)] = faults(alice.patch(path(lead, "/assign"), body))
        assert location == ["body", "user_id"]

    def test_is_not_for_a_salesperson(self, alice, bob, bobs):
        assert bob.patch(path(bobs, "/assign"), {"user_id": alice.user.pk}).status_code == 403
        assert bob.patch(path(bobs), {"assigned_to": alice.user.pk}).status_code == 403
        assert bob.patch(path(bobs), {"assigned_to": bob.user.pk}).status_code == 200


class TestTheHistory:
    def test_says_who_changed_status_and_assignment_and_nothing_else(self, alice, carla, bob, lead):
        carla.patch(path(lead, "/assign"), {"user_id": bob.user.pk})
        bob.patch(path(lead), {"status": "contacted", "sales_notes": "Contesta tarde"})
        bob.patch(path(lead), {"sales_notes": "Contesta"})
        history = alice.get(path(lead)).json()["history"]
        assert [(each["field"], each["old"], each["new"], each["user"]) for each in history] == [
            ("status", None, "new", "alice"),
            ("assigned_to", None, bob.user.pk, "carla"),
            ("status", "new", "contacted", "bob"),
        ]

    def test_outlives_the_lead_in_the_audit_log(self, alice, lead):
        alice.delete(path(lead))
        kinds = [each["action"] for each in alice.get(f"/audit-logs?table=leads&record_id={lead.pk}").json()]
        assert kinds == ["delete", "create"]


class TestDeleting:
    def test_removes_it(self, alice, lead):
        assert alice.delete(path(lead)).status_code == 204
        assert alice.get(path(lead)).status_code == 404

    def test_is_not_for_a_salesperson(self, bob, bobs):
        assert bob.delete(path(bobs)).status_code == 403

    def test_of_a_client_waits_for_their_open_leads(self, alice, contact, lead):
        assert alice.delete(f"/clients/{contact.pk}").status_code == 409
        alice.patch(path(lead, "/status"), {"status": "discarded"})
        assert alice.delete(f"/clients/{contact.pk}").status_code == 204
        left = alice.get(path(lead)).json()
        assert (left["client_id"], left["client_name"], left["client"]) == (None, None, None)
        assert ids(alice, "?q=juan") == []
