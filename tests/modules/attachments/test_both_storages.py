"""What holds wherever the files are: the same tests on the local storage and on a real S3, over real HTTP."""

import time
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from backend.core.errors import DomainError, NotFound
from backend.modules.attachments import actions, queries, tasks
from backend.modules.attachments.models import Attachment, State
from backend.modules.opportunities import actions as opportunities
from tests import make, people
from tests.modules.attachments.sending import PDF, announce
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db(transaction=True)

SOON = timedelta(minutes=1)


@pytest.fixture
def attached(alice, deal, storage, http):
    """A file that was sent and confirmed."""
    to = announce(alice, deal)
    http.put(to)
    return actions.confirm(alice.actor, key=to.key)


def states(who) -> list[str]:
    return list(Attachment.objects.of(who.actor).order_by("id").values_list("state", flat=True))


def make_older(who, by: timedelta) -> None:
    """As if the uploads had been announced earlier."""

    def write() -> None:
        for each in Attachment.objects.of(who.actor).filter(state=State.PENDING):
            each.expires_at -= by
            each.save()

    people.writing(who.workspace.pk, write)


class TestAFile:
    def test_is_announced_sent_confirmed_and_fetched(self, alice, deal, storage, http):
        to = announce(alice, deal, size=len(PDF))
        assert (to.method, to.headers, to.fields) == ("PUT", {"Content-Type": "application/pdf"}, {})
        assert http.put(to).status == 200
        attachment = actions.confirm(alice.actor, key=to.key)
        assert (attachment.state, attachment.size, attachment.created_by) == (State.CONFIRMED, len(PDF), alice.user)
        answer = http.get(queries.download(alice.actor, attachment.pk))
        assert (answer.status, answer.content) == (200, PDF)

    def test_may_be_empty(self, alice, deal, storage, http):
        to = announce(alice, deal, filename="nada.txt", content_type="text/plain", size=0)
        assert http.put(to, b"").status == 200
        attachment = actions.confirm(alice.actor, key=to.key)
        assert (attachment.size, http.get(queries.download(alice.actor, attachment.pk)).content) == (0, b"")

    def test_can_be_sent_again_until_it_is_confirmed(self, alice, deal, storage, http):
        to = announce(alice, deal)
        assert [http.put(to, content).status for content in (b"first", PDF)] == [200, 200]
        actions.confirm(alice.actor, key=to.key)
        with storage.open(to.key) as kept:
            assert kept.read() == PDF

    def test_keeps_its_charset(self, alice, deal, storage, http):
        to = announce(alice, deal, filename="a.csv", content_type="text/csv; charset=utf-8")
        assert http.put(to, "ñ".encode()).status == 200
        attachment = actions.confirm(alice.actor, key=to.key)
        answer = http.get(queries.download(alice.actor, attachment.pk))
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"


class TestAnUploadThatIsNotAsAnnounced:
    def test_is_refused_with_another_type(self, alice, deal, storage, http):
        to = announce(alice, deal)
        assert http.put(to, Content_Type="text/html").status in (403, 415)
        with pytest.raises(actions.UploadMissing):
            actions.confirm(alice.actor, key=to.key)

    @pytest.mark.parametrize("content", [PDF + b"!", PDF[:-1], b""])
    def test_is_refused_with_another_length(self, alice, deal, storage, http, content):
        to = announce(alice, deal, size=len(PDF))
        assert http.put(to, content).status in (400, 403)
        with pytest.raises(actions.UploadMissing):
            actions.confirm(alice.actor, key=to.key)

    def test_is_refused_or_not_confirmed_when_it_is_too_large(self, alice, deal, storage, http, settings):
        settings.UPLOAD_MAX_BYTES = len(PDF) - 1
        to = announce(alice, deal)
        assert http.put(to).status in (200, 413)  # S3 can't be told of a limit
        with pytest.raises((actions.UploadTooLarge, actions.UploadMissing)):
            actions.confirm(alice.actor, key=to.key)
        assert states(alice) == [State.PENDING]


class TestASignedAddress:
    def test_expires(self, alice, deal, storage, http, monkeypatch):
        monkeypatch.setattr(actions, "UPLOAD_LIFETIME", timedelta(seconds=1))
        to = announce(alice, deal)
        wait_until(to.expires_at + timedelta(seconds=1))
        assert http.put(to).status == 403
        assert storage.uploaded(to.key) is None

    def test_is_worth_nothing_when_it_was_changed(self, alice, deal, storage, http):
        to = announce(alice, deal)
        other = announce(alice, deal)
        for url in (to.url[:-1] + ("0" if to.url[-1] != "0" else "1"), to.url.replace(to.key, other.key) + "x"):
            assert http.call("PUT", url, PDF, to.headers).status == 403
        assert storage.uploaded(to.key) is None is storage.uploaded(other.key)

    def test_of_an_upload_fetches_nothing(self, alice, deal, storage, http):
        to = announce(alice, deal)
        http.put(to)
        assert http.get(to.url).status == 403

    def test_of_a_download_sends_nothing(self, alice, attached, storage, http):
        url = queries.download(alice.actor, attached.pk)
        assert http.call("PUT", url, b"%PDF other", {"Content-Type": "application/pdf"}).status == 403
        assert http.get(url).content == PDF

    def test_of_an_upload_does_not_reach_the_file_once_it_is_confirmed(self, alice, deal, storage, http):
        to = announce(alice, deal)
        http.put(to)
        attachment = actions.confirm(alice.actor, key=to.key)
        assert http.put(to, b"%PDF other").status in (200, 409)
        assert http.get(queries.download(alice.actor, attachment.pk)).content == PDF


class TestConfirming:
    def test_needs_an_upload(self, alice, deal, storage):
        with pytest.raises(actions.UploadMissing):
            actions.confirm(alice.actor, key=announce(alice, deal).key)

    def test_happens_once(self, alice, attached, storage):
        with pytest.raises(queries.AlreadyConfirmed):
            actions.confirm(alice.actor, key=attached.key)
        assert states(alice) == [State.CONFIRMED]

    @pytest.mark.parallel
    def test_by_several_at_once_lets_one_through(self, alice, deal, storage, http):
        to = announce(alice, deal)
        http.put(to)

        def confirm(which: int) -> str:
            try:
                return actions.confirm(alice.actor, key=to.key).state
            except DomainError as error:
                return error.code

        assert Counter(at_once(8, confirm)) == {"confirmed": 1, "attachment_already_confirmed": 7}
        assert len(queries.rows_of(alice.actor, "opportunity", deal.pk)) == 1

    def test_of_another_workspace_s_key_finds_nothing(self, alice, stranger, deal, storage, http):
        to = announce(alice, deal)
        http.put(to)
        with pytest.raises(NotFound):
            actions.confirm(stranger.actor, key=to.key)
        assert actions.confirm(alice.actor, key=to.key).state == State.CONFIRMED

    def test_after_a_day_is_too_late(self, alice, deal, storage, http):
        to = announce(alice, deal)
        http.put(to)
        make_older(alice, timedelta(days=1))
        with pytest.raises(queries.UploadExpired):
            actions.confirm(alice.actor, key=to.key)

    def test_can_be_done_again_after_it_was_interrupted(self, alice, deal, storage, http):
        to = announce(alice, deal)
        http.put(to)
        assert storage.keep(to.key, storage.uploaded(to.key))  # and the process is killed
        assert actions.confirm(alice.actor, key=to.key).size == len(PDF)

    def test_keeps_nothing_else_than_what_was_looked_at(self, alice, deal, storage, http):
        to = announce(alice, deal)
        http.put(to)
        seen = storage.uploaded(to.key)
        http.put(to, PDF + b"more")
        assert not storage.keep(to.key, seen)


class TestADownload:
    @pytest.mark.parametrize("name", ["oferta.pdf", "ñandú 2026.pdf", 'a "b"; c.pdf', "提案🦙.pdf"])
    def test_is_an_attachment_of_its_name(self, alice, deal, storage, http, name):
        to = announce(alice, deal, filename=name)
        http.put(to)
        attachment = actions.confirm(alice.actor, key=to.key)
        answer = http.get(queries.download(alice.actor, attachment.pk))
        disposition = answer.headers["content-disposition"]
        spelled = name.replace('"', r"\"")
        assert disposition in (f'attachment; filename="{spelled}"', f"attachment; filename*=utf-8''{quote(name)}")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["content-length"] == str(len(PDF))

    def test_is_short_lived(self, alice, attached, storage, http):
        url = storage.presign_get(
            attached.key, filename="a.pdf", content_type="application/pdf", lifetime=timedelta(seconds=1)
        )
        wait_until(timezone.now() + timedelta(seconds=2.1))
        assert http.get(url).status == 403

    def test_of_a_file_that_is_gone_is_not_found(self, alice, attached, storage, http):
        url = queries.download(alice.actor, attached.pk)
        storage.delete(attached.key)
        assert http.get(url).status == 404
        with pytest.raises(NotFound):
            storage.open(attached.key)


class TestTheSweep:
    def test_removes_what_nobody_confirmed_within_a_day(self, alice, deal, attached, storage, http):
        to = announce(alice, deal)
        http.put(to)
        make_older(alice, timedelta(days=1, hours=2))
        assert tasks.sweep_attachments() == 1
        assert states(alice) == [State.CONFIRMED]
        assert storage.uploaded(to.key) is None
        assert storage.stat(attached.key).size == len(PDF)

    def test_leaves_what_may_still_be_confirmed(self, alice, deal, storage, http):
        to = announce(alice, deal)
        http.put(to)
        make_older(alice, timedelta(hours=23))
        assert tasks.sweep_attachments() == 0
        assert actions.confirm(alice.actor, key=to.key).size == len(PDF)

    def test_removes_the_file_of_a_deleted_attachment(self, alice, attached, storage):
        actions.delete(alice.actor, attached.pk)
        assert tasks.sweep_attachments() == 1
        assert (states(alice), storage.stat(attached.key)) == ([], None)

    def test_removes_the_files_of_a_deleted_opportunity(self, alice, deal, attached, storage, http):
        pending = announce(alice, deal)
        http.put(pending)
        opportunities.delete(alice.actor, deal.pk)
        assert tasks.sweep_attachments() == 2
        assert (states(alice), storage.stat(attached.key), storage.uploaded(pending.key)) == ([], None, None)

    def test_of_every_workspace_at_once(self, alice, stranger, storage):
        for who in (alice, stranger):
            announce(who, make.opportunity(who.actor))
            make_older(who, timedelta(days=2))
        assert tasks.sweep_attachments() == 2

    def test_clears_what_arrived_long_ago_and_nothing_else(self, alice, deal, attached, storage, http):
        to = announce(alice, deal)
        http.put(to)
        now = timezone.now()
        storage.clear_incoming(before=now - SOON)
        assert storage.uploaded(to.key).size == len(PDF)
        assert storage.clear_incoming(before=now + SOON) >= 2  # also what was kept since
        assert storage.uploaded(to.key) is None
        assert storage.stat(attached.key).size == len(PDF)

    def test_twice_does_no_harm(self, alice, attached, storage):
        actions.delete(alice.actor, attached.pk)
        assert [tasks.sweep_attachments(), tasks.sweep_attachments()] == [1, 0]
        storage.delete(attached.key)


def test_the_storage_says_that_it_works(storage):
    storage.check()


def wait_until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - timezone.now()).total_seconds()))
