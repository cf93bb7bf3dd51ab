"""`manage.py demo`: the same rows each time, and never where it could do harm."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from backend.core.actor import Actor
from backend.modules.activities.models import Activity
from backend.modules.companies.models import Company
from backend.modules.contacts.models import Contact
from backend.modules.contracts.models import Contract, Note, Payment
from backend.modules.identity import authentication
from backend.modules.identity.models import Membership, User, Workspace
from backend.modules.leads.models import Lead
from backend.modules.ledger.models import Entry
from backend.modules.messaging.models import Conversation, Message, Participant, Reaction

RANDOM = {"password", "password_stamp"}
TABLES = (
    Workspace, User, Membership, Company, Contact, Activity, Contract, Payment, Note, Lead, Conversation, Participant,
    Message, Reaction,
)  # fmt: skip
UNDATED = {Membership: {"created_at", "updated_at"}, Workspace: {"updated_at"}, Reaction: {"created_at"}}


def demo(capsys) -> str:
    call_command("demo")
    return capsys.readouterr().out


def rows(model) -> list[dict]:
    """All that is the same whenever the command runs on the same day."""
    found = model._default_manager.order_by("id").values()
    undated = UNDATED.get(model, set())
    return [{name: value for name, value in row.items() if name not in RANDOM | undated} for row in found]


def start_over():
    """Empty every table, past the walls that keep the program from doing so, and start numbering from one again."""
    call_command("flush", interactive=False, verbosity=0)


class TestAgain:
    def test_a_second_run_says_so_and_changes_nothing(self, db, capsys):
        demo(capsys)
        before = Entry.objects.of(Actor.system(1)).count()
        assert "data already" in demo(capsys)
        assert Entry.objects.of(Actor.system(1)).count() == before

    def test_a_workspace_without_rows_counts_as_data(self, ours, capsys):
        assert "data already" in demo(capsys)
        assert not Contact.across_workspaces.exists()

    @pytest.mark.django_db(transaction=True)
    def test_two_empty_databases_get_the_same_rows(self, capsys):
        start_over()
        demo(capsys)
        first = {model: rows(model) for model in TABLES}
        start_over()
        demo(capsys)
        for model in TABLES:
            assert rows(model) == first[model]

    @pytest.mark.django_db(transaction=True)
    def test_the_workspace_is_number_one_after_a_number_was_lost(self, capsys):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval(pg_get_serial_sequence('workspaces', 'id'))")
        demo(capsys)
        assert Workspace.objects.get().pk == 1


@pytest.mark.django_db
class TestOutsideDevelopment:
    def test_the_published_passwords_are_refused(self, settings):
        settings.DEVELOPMENT = False
        with pytest.raises(CommandError, match="ENVIRONMENT.*DEMO_ADMIN_PASSWORD and DEMO_USER_PASSWORD"):
            call_command("demo")
        assert not Workspace.objects.exists()

    def test_only_the_variable_that_is_wrong_is_named(self, settings):
        settings.DEVELOPMENT = False
        settings.DEMO_PASSWORDS = {"admin": "a password of our own", "test": "testpass123"}
        with pytest.raises(CommandError) as refused:
            call_command("demo")
        assert "DEMO_USER_PASSWORD" in str(refused.value)
        assert "DEMO_ADMIN_PASSWORD" not in str(refused.value)

    def test_passwords_of_ones_own_are_accepted(self, settings, capsys):
        settings.DEVELOPMENT = False
        settings.DEMO_PASSWORDS = {"admin": "a password of our own", "test": "another of our own"}
        demo(capsys)
        assert authentication.log_in(username="admin", password="a password of our own")
