"""How long an export and its file are there, and what the doctor is told of the others."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backend.core import due
from backend.modules.attachments.models import Attachment
from backend.modules.exchange import tasks
from backend.modules.exchange.models import Export, State
from backend.modules.ledger.models import Entry
from tests import make
from tests.modules.exchange.exports.outcome import content, mailed_path
from tests.modules.exchange.exports.test_ordering import PATH

pytestmark = pytest.mark.django_db(transaction=True)


class TestTheSweep:
    @pytest.fixture
    def ended(self, alice, write, change):
        """One of each kind of end, each with a file: one that was cancelled late has one, too."""
        states = [State.DONE, State.FAILED, State.CANCELLED]
        return [change(write(make.export(alice.actor)), state=state) for state in states]

    def age(self, change, exports, **by) -> None:
        for each in exports:
            change(each, expires_at=each.expires_at - timedelta(**by))

    def test_removes_row_attachment_and_file_after_seven_days(self, alice, ended, change, files):
        assert (tasks.sweep_exports(), len(files())) == (0, 3)
        self.age(change, ended, days=6, hours=23)
        assert (tasks.sweep_exports(), len(files())) == (0, 3)
        self.age(change, ended, days=7)
        assert (tasks.sweep_exports(), files()) == (3, [])
        assert not Export.objects.of(alice.actor).exists()
        assert not Attachment.objects.of(alice.actor).exists()
        assert alice.get(f"{PATH}{ended[0].pk}/").status_code == 404

    def test_ends_the_links_at_once(self, alice, write, change):
        export = write(make.export(alice.actor))
        paths = [mailed_path(alice), alice.get(f"{PATH}{export.pk}/").json()["download_url"]]
        change(export, expires_at=timezone.now())
        tasks.sweep_exports()
        assert [Client().get(path).status_code for path in paths] == [404, 404]

    def test_twice_does_no_harm(self, alice, ended, change):
        self.age(change, ended, days=7)
        assert [tasks.sweep_exports(), tasks.sweep_exports()] == [3, 0]

    def test_leaves_what_has_not_ended_and_what_others_have(self, alice, stranger, write, change, files):
        waiting, theirs = make.export(alice.actor), write(make.export(stranger.actor))
        self.age(change, [write(make.export(alice.actor))], days=7)
        assert (tasks.sweep_exports(), len(files())) == (1, 1)
        assert Export.objects.of(alice.actor).get() == waiting
        assert content(stranger.get(f"{PATH}{theirs.pk}/").json()["download_url"])

    def test_removes_however_many_there_are(self, ended, change, monkeypatch):
        monkeypatch.setattr(tasks, "MOST_AT_ONCE", 1)
        self.age(change, ended, days=7)
        assert tasks.sweep_exports() == 3

    def test_stands_in_the_ledger(self, alice, write, change):
        export = write(make.export(alice.actor))
        self.age(change, [export], days=7)
        tasks.sweep_exports()
        swept = Entry.objects.of(alice.actor).filter(action="export.sweep")
        assert [each.verb for each in swept] == ["export.deleted"]


class TestTheFigures:
    def figures(self) -> tuple[int, int, int]:
        found = due.figures()["exports"]
        return found.due, found.stuck, found.failed

    def test_count_what_is_due_stuck_and_failed(self, alice, stranger, given, change):
        first, second = make.export(alice.actor), make.export(stranger.actor)
        assert self.figures() == (2, 0, 0)
        change(first, next_at=timezone.now() - timedelta(minutes=6))
        change(second, state=State.FAILED)
        assert self.figures() == (1, 1, 1)

    def test_call_nothing_stuck_that_somebody_has_just_been_at(self, alice, given, change):
        now = timezone.now()
        export = change(make.export(alice.actor), next_at=now - timedelta(hours=1), leased_until=now)
        assert self.figures() == (1, 0, 0)
        change(export, leased_until=now - timedelta(minutes=6))
        assert self.figures() == (1, 1, 0)
