import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from backend.modules.ledger import queries
from backend.modules.ledger.models import Entry, LedgerIsAppendOnly
from tests import make


class TestTheLedger:
    def test_can_be_neither_changed_nor_shortened(self, alice):
        make.contact(alice.actor)
        entry = Entry.objects.of(alice.actor).first()
        for write in (
            entry.save,
            entry.delete,
            Entry.across_workspaces.all().delete,
            lambda: Entry.across_workspaces.update(verb="nothing.happened"),
            lambda: Entry.objects.of(alice.actor).update(verb="nothing.happened"),
            lambda: Entry.objects.of(alice.actor).delete(),
        ):
            with pytest.raises((LedgerIsAppendOnly, RuntimeError)):
                write()

    @pytest.mark.parametrize("statement", ["UPDATE ledger_entries SET verb = 'x'", "DELETE FROM ledger_entries"])
    def test_is_kept_by_postgresql_itself(self, alice, statement):
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has no roles to keep out; there the models refuse")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_tells_the_history_of_a_record_to_its_workspace_alone(self, alice, stranger):
        contact = make.contact(alice.actor)
        assert [entry.verb for entry in queries.of_record(alice.actor, "contacts", contact.pk)] == ["contact.created"]
        assert not queries.of_record(stranger.actor, "contacts", contact.pk).exists()

    def test_names_the_request_that_changed_something(self, alice):
        alice.post("/api/clients/", {"first_name": "A", "last_name": "B", "email": "a@b.pe"}, X_Request_ID="r-42")
        assert Entry.objects.of(alice.actor).get(verb="contact.created").request_id == "r-42"
