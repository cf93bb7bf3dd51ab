"""What may happen to an export while it is written: it is cancelled, its worker dies, another one takes over."""

import contextlib
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from backend.core import tabular
from backend.modules.attachments.models import Attachment
from backend.modules.exchange import actions, progress, tasks
from backend.modules.exchange.files import Writer
from backend.modules.exchange.formats import WRITERS
from backend.modules.exchange.models import Export, State
from backend.modules.identity import queries as identity
from tests import make
from tests.modules.exchange.exports.outcome import attached, content, mailed_path, mails
from tests.modules.exchange.exports.test_ordering import PATH, formats
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 60
PAUSE = 0.03  # seconds, between two rows of a slow list


@pytest.fixture
def slow(alice, monkeypatch):
    """A list whose rows come one by one; answers a hook that is called with the number of each."""
    for number in range(ROWS):
        make.company(alice.actor, name=f"Acme {number}", notes="x" * 200)
    monkeypatch.setattr(tabular, "BATCH", 1)
    monkeypatch.setattr(tabular, "PIECE", 1)
    monkeypatch.setattr(progress, "TICK", 0.02)
    hook = Hook()
    for format, write in WRITERS.items():
        monkeypatch.setitem(WRITERS, format, hook.slowed(write))
    return hook


class Killed(BaseException):
    """Nothing catches it, as nothing catches `kill -9`."""


class Hook:
    def __init__(self) -> None:
        self.rows, self.call = 0, lambda row: None

    def slowed(self, write: Writer) -> Writer:
        def slowed(file, rows, about, told) -> None:
            def tell(number: int) -> None:
                told(number)
                self.rows += number
                self.call(self.rows)
                time.sleep(PAUSE if number else 0)

            write(file, rows, about, tell)

        return slowed


def elsewhere(do: Callable[[], object]) -> None:
    """Do it on another connection: the writer's is busy with the rows."""
    at_once(1, lambda which: do())


@contextlib.contextmanager
def watched(export: Export):
    """The rows of the export as others see them meanwhile: done, in all, and the end of the lease."""
    seen, ended = [], Event()

    def watch() -> None:
        while not ended.wait(0.01):
            row = Export.across_workspaces.filter(pk=export.pk).values_list("rows_done", "rows_total", "leased_until")
            seen.append(row.get())
        connections.close_all()

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


class TestProgress:
    @formats
    def test_is_noted_row_by_row_while_it_is_written(self, alice, slow, write, format):
        export = make.export(alice.actor, format=format)
        with watched(export) as seen:
            export = write(export)
        running = [row for row in seen if row[2] is not None]
        done = [rows for rows, _, _ in running]
        assert done == sorted(done)
        assert len(set(done)) >= 5
        assert {total for _, total, _ in running} <= {None, ROWS}
        assert (export.rows_done, export.rows_total) == (ROWS, ROWS)

    def test_keeps_the_lease(self, alice, slow, write, monkeypatch):
        monkeypatch.setattr(actions, "LEASE", timedelta(seconds=0.5))
        export = make.export(alice.actor)
        with watched(export) as seen:
            write(export)
        ends = [end for _, _, end in seen if end is not None]
        assert ends == sorted(ends)
        assert ends[-1] - ends[0] > timedelta(seconds=ROWS * PAUSE / 2)
        assert mails(alice).count() == 1

    def test_may_grow_beyond_the_rows_that_were_counted(self, alice, slow, write):
        export = make.export(alice.actor)
        counted = progress.Progress(actor_of(export), actions.claim(actor_of(export), export.pk))
        with counted:
            counted.expect(10)
            counted.add(25)
            time.sleep(0.2)
            assert alice.get(f"{PATH}{export.pk}/").json()["rows_total"] == 25

    def test_that_can_not_be_noted_for_a_moment_ends_nothing(self, alice, slow, write, monkeypatch):
        calls, note = [], actions.note_progress

        def unlucky(*args, **fields) -> None:
            calls.append(fields)
            if 2 <= len(calls) <= 4:
                raise OperationalError("the database is away")
            note(*args, **fields)

        monkeypatch.setattr(actions, "note_progress", unlucky)
        assert write(make.export(alice.actor)).state == State.DONE
        assert len(calls) > 5


class TestAnExportThatIsCancelledInTheMiddle:
    @formats
    def test_stops_within_a_tick_and_leaves_nothing(self, alice, slow, write, files, format):
        export = make.export(alice.actor, format=format)

        def cancel(row: int) -> None:
            if row == 5:
                elsewhere(lambda: actions.cancel(alice.actor, export.pk))

        slow.call = cancel
        export = write(export)
        assert (export.state, export.last_error, export.attempts) == (State.CANCELLED, "", 1)
        assert slow.rows < ROWS / 2
        assert not attached(alice).exists()
        assert not mails(alice).exists()
        assert files() == []

    def test_at_its_very_end_loses_its_file_with_the_sweep(self, alice, write, files, change, monkeypatch):
        put = tasks.attachments.put

        def cancel_after(*args, **fields) -> Attachment:
            kept = put(*args, **fields)
            actions.cancel(alice.actor, export.pk)
            return kept

        monkeypatch.setattr(tasks.attachments, "put", cancel_after)
        export = make.export(alice.actor)
        export = write(export)
        assert (export.state, mails(alice).count()) == (State.CANCELLED, 0)
        assert alice.get(f"{PATH}{export.pk}/").json()["download_url"] is None
        change(export, expires_at=timezone.now())
        assert (tasks.sweep_exports(), files()) == (1, [])


class TestTheLease:
    def test_keeps_other_workers_away_until_it_ends(self, alice, write, change):
        export = make.export(alice.actor)
        actions.claim(actor_of(export), export.pk)
        assert write(export).attempts == 1
        export = write(change(export, leased_until=timezone.now()))
        assert (export.state, export.attempts) == (State.DONE, 2)

    @formats
    def test_that_ended_is_another_workers_and_the_first_one_stops(self, alice, slow, write, change, files, format):
        export = make.export(alice.actor, format=format)

        def overtake(row: int) -> None:
            if row == 5:
                slow.call = lambda row: None
                while change(export, leased_until=timezone.now()).attempts == 1:  # the first one may just renew it
                    tasks.write_export(export.workspace_id, export.pk)

        slow.call = lambda row: elsewhere(lambda: overtake(row))
        export = write(export)
        assert (export.state, export.attempts) == (State.DONE, 2)
        assert mails(alice).count() == 1
        assert slow.rows < ROWS * 1.5
        assert len(files()) == 1
        assert len(content(mailed_path(alice))) > ROWS

    @pytest.mark.parallel
    def test_goes_to_one_of_several_workers(self, alice, given, files):
        export = make.export(alice.actor)
        at_once(6, lambda which: tasks.write_export(export.workspace_id, export.pk))
        export.refresh_from_db()
        assert (export.state, export.attempts) == (State.DONE, 1)
        assert (mails(alice).count(), len(files())) == (1, 1)

    @pytest.mark.parametrize("last_words", ["settle_done", "_tell"])
    def test_of_a_worker_that_died_with_the_file_in_the_storage_leaves_that_to_nobody(
        self, alice, write, change, monkeypatch, last_words
    ):
        def die(*args, **fields) -> None:
            raise Killed

        export = make.export(alice.actor)
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(actions, last_words, die)
            with pytest.raises(Killed):
                write(export)
        assert not attached(alice).filter(state="confirmed").exists()
        export = write(change(export, leased_until=timezone.now()))
        assert (export.state, export.attempts, mails(alice).count()) == (State.DONE, 2, 1)
        assert attached(alice).filter(state="confirmed").count() == 1

    def test_of_a_worker_that_dies_again_and_again_is_not_given_for_ever(self, alice, write, change):
        export = make.export(alice.actor)
        for _ in range(actions.MOST_ATTEMPTS):
            assert actions.claim(actor_of(export), export.pk) is not None
            change(export, leased_until=timezone.now())
        export = write(export)
        assert (export.state, export.last_error, export.attempts) == (State.FAILED, "interrupted", 5)
        assert not mails(alice).exists()


def actor_of(export: Export):
    return identity.system_actor(export.workspace_id)
