"""A run whose attempt takes too long."""

import pytest

from backend.core import pdf
from backend.modules.scheduling import tasks
from backend.modules.scheduling.models import State
from tests.modules.scheduling.conftest import mails
from tests.modules.scheduling.test_sending import order

pytestmark = pytest.mark.django_db(transaction=True)


class TestAnAttemptThatIsOutOfTime:
    def test_mails_nothing_when_its_report_comes_late(self, alice, send, attempts, monkeypatch):
        run = order(alice)
        monkeypatch.setattr(pdf, "render", lambda html: (attempts[0](), b"%PDF-")[1])
        run = send(run)
        assert (run.state, run.last_error, run.attempts) == (State.DUE, "out_of_time", 1)
        assert not mails(alice).exists()

    def test_leaves_what_a_later_one_has_done(self, alice, send, change, attempts, monkeypatch):
        run = order(alice)

        def late(html: str) -> bytes:
            monkeypatch.setattr(pdf, "render", lambda html: b"%PDF-")
            attempts[0]()
            change(run, next_at=run.created_at)
            tasks.send_report(run.workspace_id, run.pk)
            return b"%PDF-"

        monkeypatch.setattr(pdf, "render", late)
        run = send(run)
        assert (run.state, run.last_error, run.attempts) == (State.DONE, "", 2)
        assert mails(alice).count() == 1
