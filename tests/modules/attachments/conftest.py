import pytest

from backend.modules.attachments import storages
from tests import make
from tests.modules.attachments import s3_server
from tests.modules.attachments.sending import Client

NO_S3 = dict.fromkeys(("bucket", "endpoint_url", "public_endpoint_url", "access_key", "secret_key", "region"), "")


@pytest.fixture(scope="session")
def s3():
    """The settings that reach a real S3; started when the first test needs it."""
    with s3_server.running() as options:
        yield options


@pytest.fixture
def uploads(settings, tmp_path):
    """A folder of the test's own, with the local storage in it."""
    settings.S3, settings.UPLOADS = NO_S3, tmp_path / "uploads"
    return settings.UPLOADS


@pytest.fixture(params=["local", "s3"])
def storage(request, settings, uploads):
    """Each of the two storages in turn, as the settings choose it."""
    if request.param == "s3":
        settings.S3 = request.getfixturevalue("s3")
    return storages.current()


@pytest.fixture
def http(live_server):
    """What a client does with an address that it was given, over real HTTP."""
    return Client(live_server.url)


@pytest.fixture
def deal(alice):
    return make.opportunity(alice.actor)
