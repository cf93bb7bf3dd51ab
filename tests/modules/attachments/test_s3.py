"""What is S3's alone: what a presigned PUT can't be told, and a storage that does not answer."""

import http.client
from urllib.parse import urlsplit

import pytest

from backend.core.errors import Unavailable
from backend.modules.attachments import actions, queries, storages
from backend.modules.attachments.models import Attachment, State
from backend.modules.attachments.storages.s3 import S3Storage
from tests import stored
from tests.modules.attachments.s3_server import free_ports
from tests.modules.attachments.sending import PDF, announce

pytestmark = pytest.mark.django_db


@pytest.fixture
def storage(settings, s3):
    settings.S3 = s3
    return storages.current()


def upload(storage: S3Storage, key: str, content: bytes = PDF, content_type: str = "application/pdf") -> None:
    """Put the object there past the presigned address, as an operator could."""
    storage.client.put_object(Bucket=storage.bucket, Key=f"incoming/{key}", Body=content, ContentType=content_type)


class TestConfirming:
    def test_looks_at_the_type(self, alice, deal, storage):
        to = announce(alice, deal)
        upload(storage, to.key, content_type="text/html")
        with pytest.raises(actions.UploadOfOtherType) as refused:
            actions.confirm(alice.actor, key=to.key)
        assert refused.value.facts == {"expected": "application/pdf", "found": "text/html"}

    def test_looks_at_the_length(self, alice, deal, storage):
        to = announce(alice, deal, size=len(PDF))
        upload(storage, to.key, PDF + b"!")
        with pytest.raises(actions.UploadOfOtherLength) as refused:
            actions.confirm(alice.actor, key=to.key)
        assert refused.value.facts == {"expected": len(PDF), "found": len(PDF) + 1}

    def test_looks_at_the_limit(self, alice, deal, storage, settings):
        to = announce(alice, deal)
        upload(storage, to.key)
        settings.UPLOAD_MAX_BYTES = len(PDF) - 1
        with pytest.raises(actions.UploadTooLarge):
            actions.confirm(alice.actor, key=to.key)

    def test_registers_nothing_that_it_refused(self, alice, deal, storage):
        to = announce(alice, deal)
        upload(storage, to.key, content_type="text/html")
        with stored.nothing_written(), pytest.raises(actions.UploadOfOtherType):
            actions.confirm(alice.actor, key=to.key)
        assert Attachment.objects.of(alice.actor).get().state == State.PENDING
        assert storage.stat(to.key) is None


class TestAnAddress:
    def test_is_the_one_that_clients_reach(self, alice, deal, s3, settings):
        settings.S3 = s3 | {"public_endpoint_url": "https://files.example.com"}
        assert announce(alice, deal).url.startswith("https://files.example.com/crisol/incoming/")

    def test_signed_with_another_secret_is_refused(self, alice, deal, s3, settings):
        settings.S3 = s3 | {"secret_key": "not the secret that the server has"}
        to = announce(alice, deal)
        where = urlsplit(to.url)
        connection = http.client.HTTPConnection(where.netloc, timeout=30)
        connection.request("PUT", f"{where.path}?{where.query}", PDF, to.headers)
        assert connection.getresponse().status == 403
        connection.close()

    def test_without_a_signature_is_refused(self, s3):
        connection = http.client.HTTPConnection(urlsplit(s3["endpoint_url"]).netloc, timeout=30)
        connection.request("PUT", "/crisol/incoming/1/x", PDF, {"Content-Type": "application/pdf"})
        assert connection.getresponse().status == 403
        connection.close()


class TestAStorageThatDoesNotAnswer:
    @pytest.fixture(params=["nobody is there", "the secret is wrong", "there is no bucket"])
    def broken(self, request, settings, s3):
        changed = {
            "nobody is there": {"endpoint_url": f"http://127.0.0.1:{free_ports(1)[0]}"},
            "the secret is wrong": {"secret_key": "not the secret that the server has"},
            "there is no bucket": {"bucket": "nowhere"},
        }
        settings.S3 = s3 | changed[request.param]
        return storages.current()

    def test_is_said_to_be_unavailable(self, broken):
        with pytest.raises(Unavailable) as refused:
            broken.check()
        assert refused.value.facts == {"dependency": "storage"}

    def test_loses_nothing(self, alice, deal, s3, settings):
        settings.S3 = s3
        to = announce(alice, deal)
        upload(storages.current(), to.key)
        attachment = actions.confirm(alice.actor, key=to.key)
        pending = announce(alice, deal)
        actions.delete(alice.actor, attachment.pk)
        settings.S3 = s3 | {"endpoint_url": f"http://127.0.0.1:{free_ports(1)[0]}"}
        for fails in (lambda: actions.confirm(alice.actor, key=pending.key), lambda: actions.sweep(alice.actor)):
            with stored.nothing_written(), pytest.raises(Unavailable):
                fails()
        settings.S3 = s3
        assert actions.sweep(alice.actor) == 1
        assert storages.current().stat(to.key) is None
        assert queries.upload(alice.actor, pending.key).state == State.PENDING
