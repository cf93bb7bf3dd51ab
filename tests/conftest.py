import os
import socket
from contextlib import contextmanager

import pytest
from django.db import connection, connections

from backend.core import jobs
from tests import mail_server as mail_servers
from tests import people, redis_server
from tests.test_parallel import at_once


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """What starts whole process trees, or shares a costly fixture, stays together in one of the parallel processes."""
    for item in items:
        if item.get_closest_marker("processes"):
            item.add_marker(pytest.mark.xdist_group("processes"))
        elif item.get_closest_marker("real_data") or "/demo/" in str(item.path):
            item.add_marker(pytest.mark.xdist_group(str(item.path.name)))


@pytest.fixture
def ours(db):
    return people.workspace("Ours")


@pytest.fixture
def theirs(db):
    return people.workspace("Theirs")


@pytest.fixture
def alice(ours):
    return people.person("alice", ours, "admin", password=people.PASSWORD)


@pytest.fixture
def bob(ours):
    return people.person("bob", ours, "sales")


@pytest.fixture
def carla(ours):
    return people.person("carla", ours, "manager")


@pytest.fixture
def dario(ours):
    return people.person("dario", ours, "user")


@pytest.fixture
def stranger(theirs):
    return people.person("stranger", theirs, "admin")


@pytest.fixture
def mail_server(settings):
    """A real SMTP server that the project sends its mail to."""
    with mail_servers.running() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server


@pytest.fixture(scope="session")
def own_redis():
    """A redis of the tests' own: the shared one belongs to whoever else uses it."""
    with redis_server.running() as client:
        yield client


@pytest.fixture
def broker(own_redis, settings):
    """An empty redis, which the settings name."""
    own_redis.flushall()
    settings.REDIS_URL = redis_server.address(own_redis)
    return own_redis


@pytest.fixture
def throttled(broker, settings):
    """Three failed attempts per account and six per address, in a minute; answers the settings."""
    settings.THROTTLE_PER_ACCOUNT, settings.THROTTLE_PER_ADDRESS, settings.THROTTLE_SECONDS = 3, 6, 60
    return settings


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
def counted(alice, client, django_assert_num_queries):
    """A GET of alice's that has to cost so many queries; one of them finds out who calls."""
    headers = {"Authorization": f"Bearer {alice.token}"}

    def get(path: str, queries: int) -> None:
        with django_assert_num_queries(queries):
            assert client.get(path, headers=headers).status_code == 200

    return get


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """The test databases of parallel test processes are told apart by their settings already (one folder each)."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and connection.vendor != "sqlite":
        settings = connections["default"].settings_dict
        settings["TEST"]["NAME"] = f"test_{settings['NAME']}_{worker}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """PostgreSQL can't drop a database that a thread of a test still has open."""
    yield
    with django_db_blocker.unblock():
        for each in connections.all(initialized_only=True):
            if getattr(each, "pool", None):
                each.close_pool()


@pytest.fixture
def attempts(monkeypatch):
    """What ends each attempt of a job that is out of time: the test calls it, no clock does."""
    ends = []

    @contextmanager
    def limited(run_out, *, lease=None):
        ends.append(lambda: at_once(1, lambda which: run_out()))  # in another thread, as always
        yield

    monkeypatch.setattr(jobs, "limited", limited)
    return ends
