"""Where an export is written to: the disk is full, the storage is down."""

import errno
import os

import pytest
from django.utils import timezone

from backend.core import tabular
from backend.modules.exchange import actions, tasks
from backend.modules.exchange.models import Export, State
from tests import make
from tests.modules.exchange.exports.outcome import mails, streamed
from tests.modules.exchange.exports.test_ordering import PATH, formats

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # A book that the disk had no place for tries once more when nobody needs it any longer.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <function ZipFile.__del__"),
]


class TestAStorageThatIsDown:
    @pytest.fixture
    def down(self, uploads):
        """A file lies where the folder should be."""
        uploads.write_text("")
        return uploads

    def test_is_tried_again_later_and_later(self, alice, write, change, down):
        export = make.export(alice.actor)
        waits = []
        for _ in range(4):
            export = write(change(export, next_at=timezone.now()))
            assert (export.state, export.last_error, export.leased_until) == (State.DUE, "unavailable", None)
            waits.append(round((export.next_at - timezone.now()).total_seconds(), -1))
        assert waits == [10, 60, 300, 900]
        assert write(export).attempts == 4  # it is not yet time
        assert alice.get(f"{PATH}{export.pk}/").json()["status"] == "waiting"

    def test_fails_it_after_the_last_attempt(self, alice, write, change, down):
        export = make.export(alice.actor)
        for _ in range(actions.MOST_ATTEMPTS):
            export = write(change(export, next_at=timezone.now()))
        assert (export.state, export.last_error, export.attempts) == (State.FAILED, "unavailable", 5)
        assert export.expires_at is not None
        assert not mails(alice).exists()

    def test_costs_nothing_but_time_when_it_comes_back(self, alice, write, change, down, files):
        export = write(make.export(alice.actor))
        down.unlink()
        export = write(change(export, next_at=timezone.now()))
        assert (export.state, export.last_error, export.attempts) == (State.DONE, "", 2)
        assert files() == [streamed(alice, "sales.empresas")]
        assert mails(alice).count() == 1


class TestAFullDisk:
    @pytest.fixture(autouse=True)
    def rows(self, alice):
        for number in range(30):
            make.company(alice.actor, name=f"Acme {number}", notes="x" * 1000)

    def tried_again(self, alice, export: Export, reason: str, files) -> None:
        assert (export.state, export.last_error, export.leased_until) == (State.DUE, reason, None)
        assert export.next_at > timezone.now()
        assert not mails(alice).exists()
        assert files() == []

    @formats
    @pytest.mark.parametrize("place", [0, 1024], ids=["at the beginning", "among the rows"])
    def test_where_the_file_is_made_is_tried_again(self, alice, write, files, monkeypatch, format, place):
        monkeypatch.setattr(tabular, "PIECE", 1)
        monkeypatch.setattr(tasks, "TemporaryFile", lambda: open("/dev/full", "r+b", buffering=place))  # noqa: SIM115
        self.tried_again(alice, write(make.export(alice.actor, format=format)), "server_error", files)

    @formats
    def test_where_files_are_kept_is_tried_again_and_nothing_is_left_of_it(
        self, alice, write, files, uploads, change, monkeypatch, format
    ):
        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(os, "fsync", full)
            export = write(make.export(alice.actor, format=format))
        self.tried_again(alice, export, "unavailable", files)
        assert [path for path in uploads.rglob("*") if path.is_file()] == []
        assert write(change(export, next_at=timezone.now())).state == State.DONE
