import pytest
from django.db import connections

from backend.monitoring import health


@pytest.fixture
def database_at(monkeypatch):
    """Have every new connection go to a PostgreSQL at this port, while the test's own stays as it is."""

    def move(port: int) -> None:
        address = {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": str(port)}
        new_connections_to(monkeypatch, address | {"NAME": "crisol", "USER": "crisol", "OPTIONS": {}})

    return move


def new_connections_to(monkeypatch, other: dict) -> None:
    current = connections.settings["default"]
    monkeypatch.setitem(connections.settings, "default", current | {"OPTIONS": {}} | other)


@pytest.fixture
def nothing_remembered():
    """As in a process that has just started: whether the migrations are applied is not known."""
    health._migrated.clear()
    yield
    health._migrated.clear()


@pytest.fixture
def checks(monkeypatch):
    """Checks that a test declares are gone after it."""
    monkeypatch.setattr(health, "_checks", dict(health._checks))
    return health._checks
