"""An export whose attempt takes too long: what hangs in it answers late, when it was given up already."""

import pytest
from django.utils import timezone

from backend.modules.attachments.models import Attachment
from backend.modules.exchange import actions, formats, tasks
from backend.modules.exchange.models import Export, State
from backend.modules.notifications.models import OutboundEmail
from tests import make
from tests.modules.exchange.exports.outcome import attached, mails

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_the_end(monkeypatch):
    """Has this done when the file is written, before it is put into the storage, by the first attempt alone."""
    put = tasks.attachments.put

    def at_the_end(do) -> None:
        def late(*args, **fields) -> Attachment:
            monkeypatch.setattr(tasks.attachments, "put", put)
            do()
            return put(*args, **fields)

        monkeypatch.setattr(tasks.attachments, "put", late)

    return at_the_end


class TestAnAttemptThatIsOutOfTime:
    def test_ends_at_its_next_step_and_is_tried_again(self, alice, write, files, attempts, monkeypatch):
        steps = []

        def step_by_step(file, rows, about, told) -> None:
            for step in range(5):
                steps.append(step)
                if step == 2:
                    attempts[0]()
                told(0)

        monkeypatch.setitem(formats.WRITERS, "csv", step_by_step)
        export = write(make.export(alice.actor))
        assert (export.state, export.last_error, export.attempts) == (State.DUE, "out_of_time", 1)
        assert export.next_at > timezone.now()
        assert steps == [0, 1, 2]
        assert (files(), mails(alice).count()) == ([], 0)

    def test_changes_nothing_with_a_file_that_comes_late(self, alice, write, attempts, at_the_end):
        at_the_end(lambda: attempts[0]())
        export = write(make.export(alice.actor))
        assert (export.state, export.last_error, export.attempts) == (State.DUE, "out_of_time", 1)
        assert mails(alice).count() == 0

    def test_leaves_what_a_later_one_has_done(self, alice, write, change, attempts, at_the_end):
        export = make.export(alice.actor)

        def overtake() -> None:
            attempts[0]()
            change(export, next_at=timezone.now())
            tasks.write_export(export.workspace_id, export.pk)

        at_the_end(overtake)
        export = write(export)
        assert (export.state, export.last_error, export.attempts) == (State.DONE, "", 2)
        assert (mails(alice).count(), attached(alice).filter(state="confirmed").count()) == (1, 1)

    def test_keeps_no_lease_any_more(self, alice, write, attempts, at_the_end):
        export, seen = make.export(alice.actor), []

        def look() -> None:
            attempts[0]()
            seen.append(Export.across_workspaces.get(pk=export.pk).leased_until)

        at_the_end(look)
        write(export)
        assert seen == [None]

    def test_fails_for_good_if_it_was_the_last_and_says_so(self, alice, write, change, attempts, at_the_end):
        export = change(make.export(alice.actor), attempts=actions.MOST_ATTEMPTS - 1)
        at_the_end(lambda: attempts[0]())
        export = write(export)
        assert (export.state, export.last_error, export.attempts) == (State.FAILED, "out_of_time", 5)
        assert OutboundEmail.objects.of(alice.actor).get().template == "export_failed"
        assert not attached(alice).filter(state="confirmed").exists()
