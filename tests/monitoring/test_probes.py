import pytest
from django.test import Client

from tests.monitoring.conftest import new_connections_to

pytestmark = pytest.mark.timeout(300)


class TestLive:
    def test_asks_nothing_but_the_process(self, client, database_at, closed, settings):
        database_at(closed)
        settings.REDIS_URL = f"redis://127.0.0.1:{closed}"
        answer = client.get("/health/live")
        assert (answer.status_code, answer.json()) == (200, {"status": "live"})
        assert answer["Cache-Control"] == "no-store"

    def test_can_be_asked_by_head_and_changed_by_nobody(self, client):
        assert client.head("/health/live").status_code == 200
        assert client.post("/health/live").status_code == 405

    def test_asks_a_program_for_no_form(self):
        assert Client(enforce_csrf_checks=True).post("/health/live").status_code == 405


@pytest.mark.django_db
@pytest.mark.usefixtures("nothing_remembered")
class TestReady:
    def test_when_the_database_answers_and_is_migrated(self, client):
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json()) == (200, {"status": "ready", "db": "up", "migrations": "up"})

    def test_not_without_a_database(self, client, database_at, closed):
        database_at(closed)
        answer = client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json() == {"status": "not ready", "db": "down", "migrations": "down"}

    def test_not_before_the_migrations(self, client, monkeypatch, tmp_path):
        empty = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "empty.sqlite3"}
        new_connections_to(monkeypatch, empty)
        answer = client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json() == {"status": "not ready", "db": "up", "migrations": "down"}

    def test_not_when_the_database_goes_away_later(self, client, database_at, closed):
        assert client.get("/health/ready").status_code == 200
        database_at(closed)
        answer = client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json() == {"status": "not ready", "db": "down", "migrations": "up"}

    def test_looks_at_the_migrations_no_more_once_they_are_applied(self, client, monkeypatch, tmp_path):
        assert client.get("/health/ready").status_code == 200
        empty = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "empty.sqlite3"}
        new_connections_to(monkeypatch, empty)
        assert client.get("/health/ready").status_code == 200
