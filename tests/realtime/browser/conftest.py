import pytest

from backend import settings as project
from tests import people
from tests.realtime.browser.cable import Cable


@pytest.fixture
def hashed(settings):
    """Passwords as the server knows them, which is not in the tests' settings."""
    settings.PASSWORD_HASHERS = project.PASSWORD_HASHERS


@pytest.fixture
def alice(hashed, ours):
    return people.person("alice", ours, "admin", password=people.PASSWORD)


@pytest.fixture
def bob(hashed, ours):
    return people.person("bob", ours, "sales", password=people.PASSWORD)


@pytest.fixture
def cable(server):
    found = Cable(server.port)
    yield found
    found.close()
