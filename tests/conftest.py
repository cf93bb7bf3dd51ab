import os

import pytest
from django.db import connection, connections

from tests import mail_server as mail_servers
from tests import people


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
