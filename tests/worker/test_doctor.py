"""`manage.py doctor`, asked about a server that is well and about one that is not."""

from io import StringIO

import pytest
from django.core.management import call_command

from backend.core import due
from backend.monitoring import health

pytestmark = pytest.mark.django_db


def doctor() -> tuple[str, int]:
    """What it says, and its exit status."""
    said = StringIO()
    try:
        call_command("doctor", stdout=said, no_color=True)
    except SystemExit as end:
        return said.getvalue(), int(end.code or 0)
    return said.getvalue(), 0


@pytest.fixture
def all_up(broker, monkeypatch):
    monkeypatch.setattr(health, "report", lambda: {"db": "up", "redis": "up", "worker": "up", "storage": "up"})
    monkeypatch.setattr(health, "readiness", lambda: {"db": "up", "migrations": "up"})
    return broker


class TestTheDoctor:
    def test_finds_nothing_wrong_with_a_server_that_is_well(self, all_up):
        said, status = doctor()
        assert status == 0
        assert [line.split() for line in said.splitlines()][:5] == [
            ["db", "up"], ["redis", "up"], ["worker", "up"], ["storage", "up"], ["migrations", "up"],
        ]  # fmt: skip

    def test_says_how_many_tasks_wait_in_each_queue(self, all_up):
        all_up.rpush("mail", "one", "another")
        assert ["queue", "mail", "2", "waiting"] in [line.split() for line in doctor()[0].splitlines()]

    def test_says_what_is_due_stuck_and_failed(self, all_up, monkeypatch):
        monkeypatch.setattr(due, "_kinds", {})
        due.declare("emails", lambda: 3, failed=lambda: 1)
        said, status = doctor()
        assert (said.splitlines()[-1].split(maxsplit=1)[1], status) == ("3 due, 0 stuck, 1 failed", 0)

    def test_is_alarmed_by_what_is_stuck(self, all_up, monkeypatch):
        monkeypatch.setattr(due, "_kinds", {})
        due.declare("emails", lambda: 3, stuck=lambda: 2)
        said, status = doctor()
        assert "3 due, 2 stuck, 0 failed" in said
        assert status == 1

    def test_names_the_part_that_is_down(self, all_up, monkeypatch):
        monkeypatch.setattr(health, "report", lambda: {"db": "up", "redis": "up", "worker": "down", "storage": "up"})
        said, status = doctor()
        assert [line.split() for line in said.splitlines()][2] == ["worker", "down"]
        assert status == 1

    def test_says_what_it_can_while_redis_is_gone(self, closed, settings, monkeypatch):
        settings.REDIS_URL = f"redis://127.0.0.1:{closed}"
        monkeypatch.setattr(health, "readiness", lambda: {"db": "up", "migrations": "up"})
        said, status = doctor()
        assert "redis" in said
        assert "unknown" in said
        assert "emails" in said
        assert status == 1
