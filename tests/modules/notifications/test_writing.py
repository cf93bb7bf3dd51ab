"""Writing a mail within a transaction, and what happens after its commit."""

import socket
import time

import pytest
from django.core.checks import run_checks
from django.db import transaction

from backend.core import hints
from backend.core.actor import Actor
from backend.core.errors import NotFound, PermissionDenied
from backend.modules.ledger.models import Entry
from backend.modules.notifications import actions, tasks
from backend.modules.notifications.models import OutboundEmail, State
from tests import mail_server as mail_servers
from tests import people
from tests.modules.notifications.conftest import LINK
from worker.app import app

pytestmark = pytest.mark.django_db


class TestWriting:
    def test_makes_a_row_that_is_due(self, write):
        email = write()
        assert (email.state, email.language, email.template) == (State.DUE, "es", "invitation")
        assert email.subject == "Invitación a Ñandú & Co"
        assert LINK in email.text
        assert LINK in email.html

    def test_twice_under_one_key_makes_one_row(self, write):
        first, second = write(), write(recipient="other@example.com")
        assert (first.pk, second.recipient) == (second.pk, "maria@example.com")
        assert Entry.across_workspaces.filter(table="outbound_emails").count() == 1

    def test_under_one_key_in_two_workspaces_makes_two(self, write, stranger):
        assert write().pk != write(stranger.actor).pk

    def test_gives_each_mail_an_id_of_its_own(self, write, settings):
        settings.DEFAULT_FROM_EMAIL = "Crisol <crm@mail.example>"
        ids = {write(key=f"invitation/{number}").message_id for number in range(3)}
        assert len(ids) == 3
        assert all(each.startswith("<") and each.endswith("@mail.example>") for each in ids)

    def test_in_a_language_that_we_do_not_speak_is_spanish(self, write):
        assert write(language="pt-BR").language == "es"

    @pytest.mark.parametrize("address", ["a@example.com\nBcc: b@example.com", "a@example.com\r", "a\x00@example.com"])
    def test_to_an_address_with_a_line_break_is_refused(self, write, address):
        with pytest.raises(ValueError, match="is no address"):
            write(recipient=address)

    def test_leaves_no_text_in_the_ledger(self, write):
        write()
        entry = Entry.across_workspaces.get(table="outbound_emails")
        assert (entry.new["text"], entry.new["html"]) == ("********", "********")
        assert "s3cr3t" not in str(entry.new)
        assert entry.new["recipient"] == "maria@example.com"


class TestAfterTheCommit:
    def test_a_worker_is_told_and_delivers(self, write, mail_server, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            write()
            assert mail_server.received == []
        assert len(mail_server.received) == 1

    @pytest.mark.django_db(transaction=True)
    def test_of_nothing_nothing_is_sent(self, write, mail_server, alice):
        with transaction.atomic():
            write()
            transaction.set_rollback(True)
        assert tasks.deliver_due() == 0
        assert (mail_server.attempts, OutboundEmail.objects.of(alice.actor).count()) == (0, 0)


class TestABroker:
    """Each test has a broker of its own, that does not answer."""

    @pytest.fixture
    def broker(self, monkeypatch):
        before = app.conf.broker_write_url

        def use(port: int) -> None:
            app.conf.task_always_eager = False
            app.conf.broker_write_url = f"redis://127.0.0.1:{port}/0"
            monkeypatch.setattr(hints, "_silent_until", 0.0)
            app._after_fork()  # forgets the connections to the other one

        yield use
        app.conf.task_always_eager = True
        app.conf.broker_write_url = before
        app._after_fork()

    @pytest.mark.django_db(transaction=True)
    def test_that_is_down_neither_fails_the_request_nor_loses_the_mail(
        self, write, mail_server, broker, monkeypatch, caplog
    ):
        broker(mail_servers.free_port())
        email = write()
        assert "waits for its sweep" in caplog.text
        assert mail_server.received == []
        app.conf.task_always_eager = True
        monkeypatch.setattr(hints, "_silent_until", 0.0)
        tasks.deliver_due()
        assert [mail["Message-ID"] for mail in mail_server.received] == [email.message_id]

    @pytest.mark.django_db(transaction=True)
    def test_that_hangs_holds_up_the_first_request_for_seconds_and_the_next_not_at_all(self, write, broker, caplog):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            broker(silent.getsockname()[1])
            started = time.monotonic()
            write()
            assert time.monotonic() - started < 10
            for number in range(20):
                write(key=f"more/{number}")
        assert caplog.text.count("waits for its sweep") == 1


class TestASecret:
    def test_is_erased_once_it_is_delivered(self, write, deliver, mail_server):
        email = deliver(write(is_secret=True))
        assert (email.state, email.text, email.html, email.is_erased) == (State.SENT, "", "", True)
        assert LINK in mail_server.received[0].get_body(("plain",)).get_content()

    def test_is_erased_once_it_has_failed(self, write, deliver, mail_server):
        mail_server.answer("550 no")
        email = deliver(write(is_secret=True))
        assert (email.state, email.is_erased) == (State.FAILED, True)

    def test_is_kept_while_it_is_due(self, write, deliver, mail_server):
        mail_server.answer("451 later")
        assert LINK in deliver(write(is_secret=True)).text

    def test_is_nowhere_in_the_ledger_nor_on_a_page_of_the_admin(self, write, deliver, mail_server, client, alice):
        mail_server.answer("451 later")
        email = deliver(write(is_secret=True))
        alice.user.is_staff = alice.user.is_superuser = True
        people.writing(None, alice.user.save)
        client.force_login(alice.user)
        for page in ("", f"{email.pk}/change/", f"{email.pk}/history/"):
            answer = client.get(f"/admin/notifications/outboundemail/{page}")
            assert answer.status_code == 200
            assert "s3cr3t" not in answer.content.decode()
        assert not any("s3cr3t" in str((each.old, each.new)) for each in Entry.across_workspaces.all())


class TestSendingAgain:
    def test_a_mail_that_failed_sends_it(self, write, deliver, mail_server, alice):
        mail_server.answer("550 no")
        email = deliver(write())
        actions.resend(alice.actor, email.pk)
        assert deliver(email).state == State.SENT
        assert (email.attempts, email.last_error, len(mail_server.received)) == (1, "", 1)

    def test_a_mail_that_was_sent_sends_it_under_a_new_id(self, write, deliver, mail_server, alice):
        email = deliver(write())
        actions.resend(alice.actor, email.pk)
        deliver(email)
        assert len({mail["Message-ID"] for mail in mail_server.received}) == 2

    def test_a_mail_that_waits_tries_it_now_under_its_id(self, write, deliver, mail_server, alice):
        mail_server.answer("451 later")
        email = deliver(write())
        written = email.message_id
        actions.resend(alice.actor, email.pk)
        assert deliver(email).state == State.SENT
        assert mail_server.received[0]["Message-ID"] == written

    def test_tells_a_worker_after_the_commit(
        self, write, deliver, mail_server, alice, django_capture_on_commit_callbacks
    ):
        email = deliver(write())
        with django_capture_on_commit_callbacks(execute=True):
            actions.resend(alice.actor, email.pk)
        assert len(mail_server.received) == 2

    def test_a_secret_that_is_erased_is_refused(self, write, deliver, mail_server, alice):
        email = deliver(write(is_secret=True))
        with pytest.raises(actions.EmailErased):
            actions.resend(alice.actor, email.pk)
        assert deliver(email).state == State.SENT
        assert len(mail_server.received) == 1

    def test_is_for_who_holds_the_permission(self, write, ours):
        email = write()
        holding = {codename: Actor(ours.pk, permissions=frozenset({codename})) for codename in ("emails.resend", "x")}
        assert actions.resend(holding["emails.resend"], email.pk).pk == email.pk
        with pytest.raises(PermissionDenied) as refused:
            actions.resend(holding["x"], email.pk)
        assert refused.value.facts == {"permission": "emails.resend"}

    def test_of_another_workspace_finds_nothing(self, write, stranger):
        with pytest.raises(NotFound):
            actions.resend(stranger.actor, write().pk)


class TestTheSystemCheck:
    def warnings(self) -> set[str]:
        return {each.id for each in run_checks() if each.id.startswith("mail.")}

    def test_warns_in_production_of_what_is_missing(self, settings):
        settings.DEVELOPMENT, settings.EMAIL_HOST = False, ""
        assert self.warnings() == {"mail.SMTP_HOST", "mail.MAIL_FROM", "mail.PUBLIC_URL"}

    def test_is_silent_where_all_is_set_and_in_development(self, settings):
        assert self.warnings() == set()
        settings.DEVELOPMENT, settings.EMAIL_HOST = False, "smtp.example"
        settings.DEFAULT_FROM_EMAIL, settings.PUBLIC_URL = "Crisol <crm@mail.example>", "https://crm.example"
        assert self.warnings() == set()
