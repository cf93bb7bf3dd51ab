"""How long mails and notifications are kept."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from backend.modules.notifications import actions, tasks
from backend.modules.notifications.actions import MailFile
from backend.modules.notifications.models import Notification, OutboundEmail, OutboundFile, State
from tests import make
from worker.schedule import SCHEDULE

pytestmark = pytest.mark.django_db


def written(record, *, days: int):
    """The record, as if it had been written so many days ago."""
    QuerySet(type(record)).filter(pk=record.pk).update(created_at=timezone.now() - timedelta(days=days))
    record.refresh_from_db()
    return record


def mails() -> set[str]:
    return set(OutboundEmail.across_workspaces.values_list("key", flat=True))


class TestAMail:
    def test_that_was_sent_or_failed_goes_with_its_files_after_half_a_year(self, write, change):
        for key, state, days in [
            ("sent", State.SENT, 181),
            ("failed", State.FAILED, 181),
            ("waits", State.DUE, 400),
            ("young", State.SENT, 179),
        ]:
            email = write(key=key, files=[MailFile("a.txt", "text/plain", b"x")])
            written(change(email, state=state), days=days)
        assert tasks.sweep_old() == 2
        assert mails() == {"waits", "young"}
        assert OutboundFile.across_workspaces.count() == 2
        assert tasks.sweep_old() == 0

    def test_is_kept_as_long_as_the_setting_says(self, write, change, settings):
        settings.MAIL_KEPT_DAYS = 10
        for days in (9, 11):
            written(change(write(key=f"{days}"), state=State.SENT), days=days)
        assert tasks.sweep_old() == 1
        assert mails() == {"9"}

    def test_that_is_to_be_sent_again_meanwhile_stays(self, write, change, alice):
        email = written(change(write(), state=State.FAILED), days=200)
        actions.resend(alice.actor, email.pk)
        actions.emails.sweep(alice.actor, ids=[email.pk])
        assert mails() == {email.key}


class TestANotification:
    def test_goes_after_half_a_year_read_or_not(self, bob):
        old, older, young = (make.notification(bob.actor) for _ in range(3))
        actions.mark_read(bob.actor, older.pk)
        written(old, days=181), written(older, days=300), written(young, days=179)
        assert tasks.sweep_old() == 2
        assert list(Notification.across_workspaces.values_list("pk", flat=True)) == [young.pk]


class TestTheSweep:
    def test_goes_through_every_workspace_in_batches(self, alice, stranger, monkeypatch):
        monkeypatch.setattr(tasks, "SWEPT_AT_ONCE", 2)
        for number in range(5):
            written(make.notification((alice, stranger)[number % 2].actor), days=181)
        assert tasks.sweep_old() == 5
        assert Notification.across_workspaces.count() == 0

    def test_is_scheduled(self):
        assert "backend.modules.notifications.tasks.sweep_old" in {each["task"] for each in SCHEDULE.values()}
