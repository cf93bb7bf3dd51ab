"""`manage.py create_admin`, for the first person of an installation."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from backend.modules.identity.management.commands import create_admin
from backend.modules.identity.models import User, Workspace
from backend.modules.ledger.models import Entry

STRONG = "a horse of another colour"
EMAIL = "ana@example.com"

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_password_around(monkeypatch):
    monkeypatch.delenv(create_admin.VARIABLE, raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))


@pytest.fixture
def given(monkeypatch):
    monkeypatch.setenv(create_admin.VARIABLE, STRONG)


def roles_of(client, username, password=STRONG):
    token = client.post("/auth/login", {"username": username, "password": password}).json()["access_token"]
    return client.get("/auth/me", headers={"Authorization": f"Bearer {token}"}).json()["role"]


class TestThePassword:
    def test_comes_from_the_environment(self, client, ours, given):
        call_command("create_admin", "ana", email=EMAIL)
        assert roles_of(client, "ana") == "admin"

    def test_comes_as_a_line_of_the_standard_input(self, client, ours, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{STRONG}\nmore\n"))
        call_command("create_admin", email=EMAIL)
        assert roles_of(client, "admin") == "admin"

    def test_is_asked_for_twice_at_a_terminal(self, client, ours, monkeypatch):
        monkeypatch.setattr(sys, "stdin", Terminal())
        answers = iter([STRONG, STRONG.upper(), STRONG, STRONG])
        monkeypatch.setattr(create_admin, "getpass", lambda prompt: next(answers))
        with pytest.raises(CommandError, match="not the same"):
            call_command("create_admin", email=EMAIL)
        call_command("create_admin", email=EMAIL)
        assert roles_of(client, "admin") == "admin"

    @pytest.mark.parametrize("weak", ["admin123", "12345678901", "short", "administrator1", "testpass123", ""])
    def test_that_is_weak_or_missing_makes_nobody(self, weak, db, monkeypatch):
        monkeypatch.setenv(create_admin.VARIABLE, weak)
        with pytest.raises(CommandError):
            call_command("create_admin", "administrator", email=EMAIL)
        assert not User.objects.exists()
        assert not Workspace.objects.exists()

    def test_is_not_in_the_ledger(self, ours, given):
        call_command("create_admin", "ana", email=EMAIL)
        assert not [entry for entry in Entry.across_workspaces.all() if STRONG in str((entry.old, entry.new))]


class TestTheWorkspace:
    def test_is_the_first_that_there_is(self, ours, theirs, given):
        call_command("create_admin", "ana", email=EMAIL)
        assert User.objects.get(username="ana").memberships.get().workspace == ours

    def test_is_made_where_there_is_none(self, db, given):
        call_command("create_admin", "ana", email=EMAIL)
        assert User.objects.get(username="ana").memberships.get().workspace == Workspace.objects.get()

    def test_can_be_named_in_any_case_or_by_number(self, ours, theirs, given):
        call_command("create_admin", "ana", email=EMAIL, workspace="THEIRS")
        call_command("create_admin", "eva", email="eva@example.com", workspace=str(theirs.pk))
        places = [User.objects.get(username=name).memberships.get().workspace for name in ("ana", "eva")]
        assert places == [theirs, theirs]

    def test_has_to_be_there(self, ours, given):
        with pytest.raises(CommandError, match="no workspace Elsewhere"):
            call_command("create_admin", "ana", email=EMAIL, workspace="Elsewhere")


class TestTheName:
    def test_is_taken_once(self, alice, given):
        with pytest.raises(CommandError, match="a user ALICE already"):
            call_command("create_admin", "ALICE", email=EMAIL)
        with pytest.raises(CommandError, match="the address ALICE@example.com already"):
            call_command("create_admin", "ana", email="ALICE@example.com")
