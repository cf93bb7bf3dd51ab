"""`manage.py set_password`, for who can't recover theirs by mail."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from backend.modules.identity.management.commands import set_password
from backend.modules.ledger.models import Entry

STRONG = "a horse of another colour"


@pytest.fixture
def typing(monkeypatch) -> Callable[..., None]:
    """What the operator types when asked."""

    def prepare(*answers: str) -> None:
        waiting = iter(answers)
        monkeypatch.setattr(set_password, "getpass", lambda prompt: next(waiting))

    return prepare


class TestANewPassword:
    def test_opens_the_account_by_name_or_address_in_any_case(self, alice, typing, client):
        for whom in ("ALICE", "alice@EXAMPLE.com"):
            typing(f"{STRONG} for {whom}", f"{STRONG} for {whom}")
            call_command("set_password", whom)
            body = {"email": alice.user.email, "password": f"{STRONG} for {whom}"}
            assert client.post("/api/auth/login/", body, content_type="application/json").status_code == 200

    def test_ends_the_sessions_and_stands_in_the_ledger(self, alice, typing):
        token = alice.token
        typing(STRONG, STRONG)
        call_command("set_password", "alice")
        assert alice.call("get", "/api/users/me/", Authorization=f"Bearer {token}").status_code == 401
        entry = Entry.across_workspaces.filter(action="user.set_password").get()
        assert STRONG not in str(entry.new)

    def test_is_typed_twice_alike(self, alice, typing):
        typing(STRONG, STRONG.upper())
        with pytest.raises(CommandError, match="not the same"):
            call_command("set_password", "alice")
        assert not Entry.across_workspaces.filter(action="user.set_password").exists()

    def test_has_to_be_strong(self, alice, typing):
        typing("12345", "12345")
        with pytest.raises(CommandError):
            call_command("set_password", "alice")

    def test_is_for_somebody_who_is_there(self, alice, typing):
        typing(STRONG, STRONG)
        with pytest.raises(CommandError, match="no user nobody"):
            call_command("set_password", "nobody")
