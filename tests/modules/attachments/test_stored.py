"""Files that the server has made itself, on the local storage and on a real S3."""

import os
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from backend.core.errors import NotFound, Unavailable
from backend.modules.attachments import actions, keys, queries, storages, tasks
from backend.modules.attachments.models import Attachment, State
from tests.modules.attachments.s3_server import free_ports
from tests.modules.attachments.sending import PDF
from tests.modules.attachments.test_both_storages import make_older, states

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)
LARGE = os.urandom(1 << 20) * 20  # S3 gets it in parts


def store(who, deal, content: bytes = PDF, **fields) -> Attachment:
    given = {"filename": "informe.pdf", "content_type": "application/pdf"} | fields
    put = actions.put(who.actor, subject_kind="opportunity", subject_id=deal.pk, file=BytesIO(content), **given)
    return actions.register(who.actor, put.pk)


def kept(storage, key: str) -> bytes:
    with storage.open(key) as file:
        return file.read()


@pytest.fixture
def broken(storage, settings, uploads):
    """A storage that was there until now."""
    if settings.S3["bucket"]:
        settings.S3 = settings.S3 | {"endpoint_url": f"http://127.0.0.1:{free_ports(1)[0]}"}
    else:
        uploads.write_text("")  # a file where the folder should be
    return storages.current()


class TestPutting:
    @pytest.mark.parametrize("content", [PDF, b"", LARGE], ids=["small", "empty", "large"])
    def test_keeps_the_whole_file_wherever_it_was_read_to(self, alice, storage, content):
        key, file = keys.new(alice.workspace.pk), BytesIO(content)
        file.seek(len(content) // 2)
        storage.put(key, file, content_type="application/pdf")
        assert kept(storage, key) == content
        assert storage.stat(key).size == len(content)
        assert storage.uploaded(key) is None

    def test_again_keeps_the_later_file(self, alice, storage):
        key = keys.new(alice.workspace.pk)
        for content in (PDF, b"later"):
            storage.put(key, BytesIO(content), content_type="application/pdf")
        assert kept(storage, key) == b"later"

    def test_is_not_cleared_with_what_clients_sent(self, alice, storage):
        key = keys.new(alice.workspace.pk)
        storage.put(key, BytesIO(PDF), content_type="application/pdf")
        storage.clear_incoming(before=timezone.now() + MINUTE)
        assert kept(storage, key) == PDF

    @pytest.mark.parametrize("content", [PDF, LARGE], ids=["small", "large"])
    def test_says_that_the_storage_does_not_answer(self, alice, broken, content):
        with pytest.raises(Unavailable) as refused:
            broken.put(keys.new(alice.workspace.pk), BytesIO(content), content_type="application/pdf")
        assert refused.value.facts == {"dependency": "storage"}

    @pytest.mark.parametrize("content", [PDF, LARGE], ids=["small", "large"])
    def test_says_so_as_well_when_it_is_refused(self, alice, s3, settings, content):
        settings.S3 = s3 | {"secret_key": "not the secret that the server has"}
        with pytest.raises(Unavailable):
            storages.current().put(keys.new(alice.workspace.pk), BytesIO(content), content_type="application/pdf")


class TestStoring:
    def test_makes_an_attachment_like_any_other(self, alice, deal, storage, http):
        attachment = store(alice, deal)
        assert (attachment.state, attachment.size, attachment.created_by) == (State.CONFIRMED, len(PDF), alice.user)
        [row] = queries.rows_of(alice.actor, "opportunity", deal.pk)
        assert (row["id"], row["filename"]) == (attachment.pk, "informe.pdf")
        answer = http.get(queries.download(alice.actor, attachment.pk))
        assert (answer.status, answer.content, answer.headers["content-type"]) == (200, PDF, "application/pdf")

    def test_knows_no_limit(self, alice, deal, storage, settings):
        settings.UPLOAD_MAX_BYTES = 1
        assert store(alice, deal).size == len(PDF)

    def test_that_is_interrupted_leaves_what_the_sweep_removes(self, alice, deal, storage, monkeypatch):
        def interrupt(*args, **fields) -> None:
            raise InterruptedError

        monkeypatch.setattr(actions, "register", interrupt)
        with pytest.raises(InterruptedError):
            store(alice, deal)
        attachment = Attachment.objects.of(alice.actor).get()
        assert queries.rows_of(alice.actor, "opportunity", deal.pk) == []
        assert kept(storage, attachment.key) == PDF
        make_older(alice, timedelta(days=1, hours=2))
        assert tasks.sweep_attachments() == 1
        assert (storage.stat(attachment.key), states(alice)) == (None, [])

    def test_on_a_storage_that_does_not_answer_is_said_to_be_unavailable(self, alice, deal, broken):
        with pytest.raises(Unavailable):
            store(alice, deal)
        assert queries.rows_of(alice.actor, "opportunity", deal.pk) == []

    def test_for_a_record_that_nobody_sees_finds_nothing(self, alice, stranger, deal, storage):
        with pytest.raises(NotFound):
            store(stranger, deal)
        assert queries.rows_of(alice.actor, "opportunity", deal.pk) == []


class TestTheAddressOfARecordsFile:
    def address(self, who, deal, lifetime: timedelta = MINUTE) -> str | None:
        return queries.address_of(who.actor, "opportunity", deal.pk, lifetime=lifetime)

    def test_is_of_the_newest_one(self, alice, deal, storage, http):
        assert self.address(alice, deal) is None
        for content in (b"first", PDF):
            store(alice, deal, content)
        answer = http.get(self.address(alice, deal))
        assert (answer.status, answer.content) == (200, PDF)
        assert answer.headers["content-disposition"] == 'attachment; filename="informe.pdf"'

    def test_is_nobodys_who_does_not_see_the_record(self, alice, stranger, deal, storage):
        store(alice, deal)
        with pytest.raises(NotFound):
            self.address(stranger, deal)

    def test_is_none_of_what_was_removed(self, alice, deal, storage):
        actions.delete(alice.actor, store(alice, deal).pk)
        assert self.address(alice, deal) is None

    def test_ends_when_it_was_said_to(self, alice, deal, storage, http):
        store(alice, deal)
        assert http.get(self.address(alice, deal, -MINUTE)).status in (400, 403)
