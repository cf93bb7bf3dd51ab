from datetime import UTC, datetime

import pytest
from django.utils import timezone

from backend.core import hints
from backend.modules.notifications.models import OutboundEmail, OutboundFile
from backend.modules.scheduling import tasks
from backend.modules.scheduling.models import ReportRun, ReportSubscription
from tests import people


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """The time that it is."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def given(monkeypatch):
    """The hints that were given to workers, none of which looks at them: the names of the tasks, and what for."""
    noted: list[tuple[str, tuple]] = []
    monkeypatch.setattr(hints, "give", lambda task, *args, **options: noted.append((task.name, args)))
    return noted


@pytest.fixture
def send(given):
    """Let a worker make the report of a run, and give its row as it is then."""

    def send(run: ReportRun) -> ReportRun:
        tasks.send_report(run.workspace_id, run.pk)
        run.refresh_from_db()
        return run

    return send


@pytest.fixture
def change():
    """Set what only time or another worker sets."""

    def change(record, **fields):
        record.refresh_from_db()
        for name, value in fields.items():
            setattr(record, name, value)
        people.writing(record.workspace_id, record.save)
        return record

    return change


def runs(who) -> list[ReportRun]:
    return list(ReportRun.objects.of(who.actor).order_by("id"))


def subscription_of(who) -> ReportSubscription:
    return ReportSubscription.objects.of(who.actor).get()


def mails(who):
    return OutboundEmail.objects.of(who.actor).filter(template="scheduled_report").order_by("id")


def files(who) -> dict[str, bytes]:
    """What the only mail carries, by the ending of its name."""
    found = OutboundFile.objects.of(who.actor).filter(email=mails(who).get())
    return {each.name.rpartition(".")[2]: bytes(each.content) for each in found}
