"""POST /api/auth/password-recovery/."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.core.actor import Actor
from backend.modules.identity import actions, tasks
from backend.modules.identity.models import RecoveryRequest
from backend.modules.ledger.models import Entry
from backend.modules.notifications.models import OutboundEmail
from tests import people, stored
from tests.dialects.urbany.entering import (
    ask_for_link,
    details,
    links_to,
)
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

SENT = (200, {"message": "Email de recuperación enviado"})
ALICE = "alice@example.com"


def said(answer):
    return answer.status_code, answer.json()


def recoveries():
    return OutboundEmail.across_workspaces.filter(template="password_recovery")


def request_from(email, age=timedelta(0)):
    """A request that no worker has answered yet."""
    made = RecoveryRequest.objects.create(email=email)
    RecoveryRequest.objects.filter(pk=made.pk).update(created_at=timezone.now() - age)
    return made.pk


@pytest.fixture
def no_worker(monkeypatch):
    """Requests wait, as while no worker runs."""
    monkeypatch.setattr(tasks, "answer_recovery_soon", lambda request_id: None)


@pytest.fixture
def link(alice):
    """The token of the link that alice has just been mailed."""
    ask_for_link(ALICE)
    return links_to(ALICE)[-1]


class TestAskingForALink:
    @pytest.mark.parametrize("email", [ALICE, "ALICE@example.com", "nobody@example.com"])
    def test_is_answered_alike_for_everybody(self, alice, email):
        answer = ask_for_link(email)
        assert said(answer) == SENT
        assert "Retry-After" not in answer

    @pytest.mark.usefixtures("no_worker")
    def test_executes_and_writes_the_same_for_known_and_unknown(self, alice):
        found = []
        for email in (ALICE, "nobod@example.com"):
            before = stored.row_counts()
            with CaptureQueriesContext(connection) as queries:
                ask_for_link(email)
            statements = [each["sql"].replace(email, "…").split(" VALUES ")[0] for each in queries]
            found.append((statements, stored.row_counts() - before))
        assert found[0] == found[1]
        assert found[0][1] == Counter({"recovery_requests": 1})

    def test_mails_a_link_in_the_language_of_the_workspace(self, alice, ours):
        ask_for_link("Alice@EXAMPLE.com")
        mail = recoveries().get()
        assert (mail.recipient, mail.workspace_id, mail.language) == (ALICE, ours.pk, "es")
        assert mail.subject == "Elige otra contraseña"
        assert f"http://127.0.0.1:8000/password-reset/#{links_to(ALICE)[0]}" in mail.text
        assert links_to(ALICE)[0] in mail.html
        assert not RecoveryRequest.objects.exists()

    def test_mails_english_where_english_is_spoken(self, alice, ours):
        ours.language = "en"
        people.writing(ours.pk, ours.save)
        ask_for_link(ALICE)
        assert recoveries().get().subject == "Choose a new password"

    def test_arrives_and_leaves_no_link_behind(self, alice, mail_server, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            ask_for_link(ALICE)
        [mail] = mail_server.received
        assert (mail["To"], mail["Subject"]) == (ALICE, "Elige otra contraseña")
        assert "/password-reset/#" in mail.get_body(("plain",)).get_content()
        assert (recoveries().get().text, recoveries().get().html) == ("", "")

    def test_puts_the_link_into_no_ledger(self, alice, link):
        entries = Entry.across_workspaces.filter(action="email.send")
        assert entries.count() == 1
        assert link not in str(list(entries.values_list("old", "new")))

    def test_of_nobody_writes_no_mail(self, alice):
        with stored.nothing_written():
            assert said(ask_for_link("nobody@example.com")) == SENT

    def test_of_a_deactivated_user_writes_no_mail(self, alice, ours):
        alice.user.is_active = False
        people.writing(ours.pk, alice.user.save)
        assert said(ask_for_link(ALICE)) == SENT
        assert not recoveries().exists()

    def test_of_who_may_act_in_no_workspace_writes_no_mail(self, alice, ours):
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert said(ask_for_link(ALICE)) == SENT
        assert not recoveries().exists()

    def test_of_a_deleted_user_writes_no_mail(self, alice, bob):
        alice.delete(f"/api/users/{bob.user.pk}/")
        assert said(ask_for_link("bob@example.com")) == SENT
        assert not recoveries().exists()

    def test_of_who_was_let_go_in_one_workspace_is_written_by_the_other(self, alice, ours, theirs):
        people.join(alice, theirs, "user")
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        ask_for_link(ALICE)
        assert recoveries().get().workspace_id == theirs.pk

    def test_twice_mails_two_links(self, alice):
        ask_for_link(ALICE)
        ask_for_link(ALICE)
        assert len(links_to(ALICE)) == 2

    @pytest.mark.parametrize("email", ["", "alice", None, 7, f"{'a' * 250}@example.com", "a\0@example.com"])
    def test_names_an_address_that_is_none(self, db, email):
        with stored.nothing_written():
            assert list(details(ask_for_link(email))) == ["email"]

    @pytest.mark.parametrize("header", ["Bearer ", "Bearer broken"])
    def test_asks_nobody_who_they_are(self, alice, header):
        assert said(ask_for_link(ALICE, Authorization=header)) == SENT


class TestTheSweep:
    def test_answers_who_still_waits_and_may_run_twice(self, alice, bob):
        for email in (ALICE, "bob@example.com", "nobody@example.com"):
            request_from(email)
        assert [tasks.answer_recoveries(), tasks.answer_recoveries()] == [3, 0]
        assert sorted(recoveries().values_list("recipient", flat=True)) == [ALICE, "bob@example.com"]
        assert not RecoveryRequest.objects.exists()

    def test_answers_a_request_once_however_often_it_is_told(self, alice):
        waiting = request_from(ALICE)
        for _ in range(3):
            tasks.answer_recovery(waiting)
        assert recoveries().count() == 1

    def test_drops_what_is_older_than_its_link_would_hold(self, alice, bob):
        request_from(ALICE, age=timedelta(hours=1, seconds=1))
        request_from("bob@example.com", age=timedelta(minutes=59))
        assert tasks.answer_recoveries() == 1
        assert [mail.recipient for mail in recoveries()] == ["bob@example.com"]
        assert not RecoveryRequest.objects.exists()

    @pytest.mark.usefixtures("no_worker")
    def test_finds_what_the_request_left(self, alice):
        ask_for_link(ALICE)
        assert (RecoveryRequest.objects.count(), recoveries().count()) == (1, 0)
        tasks.answer_recoveries()
        assert (RecoveryRequest.objects.count(), recoveries().count()) == (0, 1)


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestSeveralAtOnce:
    def test_write_one_mail_for_one_request(self, alice):
        waiting = request_from(ALICE)
        at_once(12, lambda which: tasks.answer_recovery(waiting))
        assert (recoveries().count(), RecoveryRequest.objects.count()) == (1, 0)

    def test_sweep_and_write_one_mail_for_each(self, alice, bob):
        for email in (ALICE, "bob@example.com"):
            request_from(email)
        at_once(6, lambda which: tasks.answer_recoveries())
        assert sorted(recoveries().values_list("recipient", flat=True)) == [ALICE, "bob@example.com"]
