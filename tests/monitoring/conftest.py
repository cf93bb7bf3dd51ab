import contextlib
import socket
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import redis
from django.db import connections

from backend.monitoring import health
from worker.management.commands.serve import redis_binary


@pytest.fixture(scope="session")
def redis_server():
    """A redis of these tests' own, because the heartbeat of the shared one belongs to whoever uses that."""
    with TemporaryDirectory(prefix="crisol-") as folder:
        address = Path(folder) / "redis.sock"
        place = ["--port", "0", "--unixsocket", str(address), "--dir", folder, "--save", ""]
        process = subprocess.Popen([redis_binary(), *place], stdout=subprocess.DEVNULL)
        client = redis.Redis.from_url(f"unix://{address}")
        deadline = time.monotonic() + 20
        while not _answers(client):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield client
        client.close()
        process.kill()
        process.wait()


def _answers(client: redis.Redis) -> bool:
    with contextlib.suppress(redis.ConnectionError):
        return bool(client.ping())
    return False


@pytest.fixture
def broker(redis_server, settings):
    """An empty redis, which the settings name."""
    redis_server.flushall()
    settings.REDIS_URL = f"unix://{redis_server.connection_pool.connection_kwargs['path']}"
    return redis_server


@pytest.fixture
def deaf():
    """The port of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed():
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


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
