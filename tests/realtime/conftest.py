from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from backend.core import live
from tests.realtime import served as servers


@pytest.fixture(scope="package")
def line():
    with TemporaryDirectory(prefix="crisol-") as folder:
        broker = servers.Broker(Path(folder) / "redis.sock")
        yield broker
        broker.stop()


@pytest.fixture(scope="package")
def server(django_db_setup, django_db_blocker, line, tmp_path_factory):
    with django_db_blocker.unblock(), servers.serving(tmp_path_factory.mktemp("server"), line.url) as running:
        yield running


@pytest.fixture(autouse=True)
def at_rest(request):
    """Nobody writes while the tables are emptied after a test: the two would wait for each other on PostgreSQL."""
    if request.node.get_closest_marker("django_db") is None or "server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("db")
    server = request.getfixturevalue("server")
    yield
    server.rest()


@pytest.fixture
def told(line, settings, monkeypatch):
    """`live.tell` by way of the server's redis."""
    layer = settings.CHANNEL_LAYERS["default"]
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": {"hosts": [line.url]}}}
    monkeypatch.setattr(live, "_silent_until", 0.0)
    monkeypatch.setattr(live, "_warned_until", 0.0)
    return live.tell
