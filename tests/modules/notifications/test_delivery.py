"""What becomes of a mail that was written, over real SMTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from django.db import connections
from django.utils import timezone

from backend.core.actor import Actor
from backend.modules.ledger.models import Entry
from backend.modules.notifications import actions, queries, smtp, tasks
from backend.modules.notifications.models import OutboundEmail, State
from tests import mail_server as mail_servers
from tests.modules.notifications.conftest import LINK

pytestmark = pytest.mark.django_db


def now_due() -> list[int]:
    return [each.record_id for each in queries.due(limit=100)]


def minutes_until(moment) -> float:
    return (moment - timezone.now()) / timedelta(minutes=1)


class TestAMailThatIsTaken:
    def test_arrives_once_with_text_html_and_its_headers(self, write, deliver, mail_server):
        email = deliver(write())
        deliver(email)
        [mail] = mail_server.received
        assert mail["Subject"] == "Invitación a Ñandú & Co"
        assert (mail["To"], mail["From"]) == ("maria@example.com", "Crisol <crisol@localhost>")
        assert mail["Message-ID"] == email.message_id
        assert mail["Message-ID"].endswith("@localhost>")
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Date"].datetime == email.created_at.replace(microsecond=0)
        assert mail.get_body(("plain",)).get_content().splitlines() == email.text.splitlines()
        assert mail.get_body(("html",)).get_content().splitlines() == email.html.splitlines()
        assert LINK in mail.get_body(("plain",)).get_content()

    def test_is_sent_and_no_longer_due(self, write, deliver, mail_server):
        email = deliver(write())
        assert (email.state, email.attempts, email.last_error, email.leased_until) == (State.SENT, 1, "", None)
        assert email.sent_at is not None
        assert now_due() == []

    def test_leaves_two_entries_in_the_ledger_and_none_for_the_attempts(self, write, deliver, mail_server, change):
        mail_server.answer("451 later", "451 later")
        email = deliver(write())
        deliver(change(email, next_at=timezone.now()))
        deliver(change(email, next_at=timezone.now()))
        entries = Entry.across_workspaces.filter(table="outbound_emails").order_by("id")
        assert [(each.verb, each.action, each.username) for each in entries] == [
            ("outboundemail.created", "email.send", "alice"),
            ("outboundemail.updated", "email.settle_sent", "system"),
        ]
        assert entries[1].new.keys() == {"state", "sent_at"}

    def test_goes_to_addresses_with_any_letters(self, write, deliver, mail_server):
        for number, address in enumerate(["josé@example.com", "jose@ñandú.example", '"a b"@example.com']):
            assert deliver(write(key=f"invitation/{number}", recipient=address)).last_error == ""
        taken = [envelope.rcpt_tos for envelope in mail_server.envelopes]
        assert taken == [["josé@example.com"], ["jose@xn--and-6ma2c.example"], ['"a b"@example.com']]


class TestAMailThatIsNotTakenYet:
    @pytest.mark.parametrize("at", ["recipient", "data"])
    def test_is_tried_again_in_a_minute_and_then_arrives_with_the_same_id(
        self, write, deliver, mail_server, change, at
    ):
        mail_server.answer("451 4.7.1 Greylisted", at=at)
        email = deliver(write())
        assert (email.state, email.attempts, email.leased_until) == (State.DUE, 1, None)
        assert email.last_error == "451 4.7.1 Greylisted"
        assert 0.9 < minutes_until(email.next_at) <= 1.2
        assert now_due() == []
        deliver(email)
        assert mail_server.received == []
        written = email.message_id
        deliver(change(email, next_at=timezone.now()))
        assert email.state == State.SENT
        assert [mail["Message-ID"] for mail in mail_server.received] == [written]

    @pytest.mark.parametrize(("attempt", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 60), (75, 60)])
    def test_waits_longer_each_time_up_to_an_hour(self, attempt, minutes):
        waits = {actions.wait_after(attempt) for _ in range(50)}
        assert all(timedelta(minutes=minutes) <= wait <= timedelta(minutes=minutes * 1.2) for wait in waits)
        assert len(waits) > 1, "what failed together is not tried together"

    def test_is_kept_while_the_server_is_down(self, write, deliver, mail_server, change):
        mail_server.stop()
        email = deliver(write())
        assert (email.state, email.attempts) == (State.DUE, 1)
        assert "refused" in email.last_error
        deliver(change(email, next_at=timezone.now()))
        assert 4.9 < minutes_until(email.next_at) <= 6
        mail_server.start()
        assert deliver(change(email, next_at=timezone.now())).state == State.SENT

    def test_is_kept_when_the_server_hangs(self, write, deliver, mail_server, settings):
        settings.EMAIL_TIMEOUT = 0.3
        mail_server.pause = 1.5
        email = deliver(write())
        assert (email.state, "timed out" in email.last_error) == (State.DUE, True)

    @pytest.mark.parametrize("at", ["its greeting", "an answer"])
    def test_is_kept_when_the_server_says_a_letter_at_a_time_for_ever(self, write, deliver, settings, at):
        settings.CELERY_TASK_TIME_LIMIT = 1
        with mail_servers.dribbling(greets=at == "an answer") as port:
            settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
            email = deliver(write())
        assert (email.state, email.last_error, email.attempts) == (State.DUE, smtp.TOO_LONG, 1)

    def test_is_kept_when_the_server_hangs_up(self, write, deliver, mail_server):
        mail_server.answer("disconnect", at="data")
        email = deliver(write())
        assert (email.state, "closed" in email.last_error) == (State.DUE, True)

    def test_is_kept_when_our_log_in_is_refused(self, write, deliver, settings):
        class Login(mail_servers.MailServer):
            async def auth_PLAIN(self, server, args):  # noqa: N802
                from aiosmtpd.smtp import AuthResult

                return AuthResult(success=False, handled=False)

        server = Login().start(auth_require_tls=False)
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "crisol", "wrong"
        try:
            email = deliver(write())
        finally:
            server.stop()
        assert (email.state, email.last_error[:3]) == (State.DUE, "535")

    def test_is_never_sent_unencrypted_where_encryption_was_asked_for(self, write, deliver, mail_server, settings):
        settings.EMAIL_USE_TLS = True
        email = deliver(write())
        assert (email.state, "STARTTLS" in email.last_error) == (State.DUE, True)
        assert mail_server.attempts == 0

    def test_fails_for_good_after_three_days(self, write, deliver, mail_server, change):
        mail_server.answer(*["451 no"] * 2)
        email = deliver(change(write(), attempts=actions.MOST_ATTEMPTS - 2))
        assert email.state == State.DUE
        deliver(change(email, next_at=timezone.now()))
        assert (email.state, email.attempts, email.last_error) == (State.FAILED, actions.MOST_ATTEMPTS, "451 no")
        waits = [actions.BACK_OFF[min(attempt, 4) - 1] for attempt in range(1, actions.MOST_ATTEMPTS)]
        assert sum(waits, timedelta()) >= timedelta(days=3)


class TestAMailThatIsRefused:
    @pytest.mark.parametrize("at", ["recipient", "data"])
    def test_fails_for_good_and_says_why(self, write, deliver, mail_server, at):
        mail_server.answer("550 5.1.1 No such user", at=at)
        email = deliver(write())
        assert (email.state, email.last_error, email.sent_at) == (State.FAILED, "550 5.1.1 No such user", None)
        deliver(email)
        assert (mail_server.attempts, mail_server.received) == (1, [])
        entry = Entry.across_workspaces.filter(table="outbound_emails").latest("id")
        assert entry.new == {"state": "failed"}

    @pytest.mark.parametrize("address", ["nobody", "a b@example.com", "a@b@example.com", "x@", "a,b@example.com"])
    def test_fails_for_good_where_there_is_no_address(self, write, deliver, mail_server, address):
        email = deliver(write(recipient=address))
        assert (email.state, "is no address" in email.last_error) == (State.FAILED, True)
        assert mail_server.attempts == 0

    def test_fails_for_good_where_the_server_does_not_take_the_letters(self, write, deliver, settings):
        server = mail_servers.MailServer().start(enable_SMTPUTF8=False)
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        try:
            email = deliver(write(recipient="josé@example.com"))
        finally:
            server.stop()
        assert (email.state, "SMTPUTF8" in email.last_error) == (State.FAILED, True)


class TestALease:
    def test_keeps_everybody_else_away_until_it_ends(self, write, deliver, mail_server, alice, change):
        email = write()
        claimed = actions.claim(alice.actor, email.pk)
        assert claimed.leased_until > timezone.now()
        assert now_due() == []
        deliver(email)
        assert (email.state, mail_server.attempts) == (State.DUE, 0)

    def test_that_ended_lets_the_mail_be_sent_with_the_same_id(self, write, deliver, mail_server, alice, change):
        email = write()
        claimed = actions.claim(alice.actor, email.pk)  # and here its worker is killed
        change(claimed, leased_until=timezone.now())
        assert now_due() == [email.pk]
        assert deliver(email).state == State.SENT
        assert [mail["Message-ID"] for mail in mail_server.received] == [claimed.message_id]
        assert email.attempts == 2

    def test_outlasts_a_dialogue_whose_every_step_takes_as_long_as_it_may(self, write, alice, settings):
        settings.EMAIL_TIMEOUT = 20
        lease = actions.claim(alice.actor, write().pk).leased_until - timezone.now()
        assert lease > timedelta(seconds=190)

    def test_that_ended_takes_the_right_to_say_what_became_of_it(self, write, alice, change):
        slow = actions.claim(alice.actor, write().pk)
        change(slow, leased_until=timezone.now())
        actions.claim(alice.actor, slow.pk)
        actions.settle_unsent(alice.actor, slow.pk, attempt=1, reason="550 no", is_final=True)
        slow.refresh_from_db()
        assert (slow.state, slow.attempts, slow.last_error) == (State.DUE, 2, "")
        actions.settle_sent(alice.actor, slow.pk)  # but what was sent was sent
        slow.refresh_from_db()
        assert slow.state == State.SENT

    def test_of_a_mail_that_kills_every_worker_is_not_given_for_ever(self, write, deliver, change):
        email = change(write(), attempts=actions.MOST_ATTEMPTS, leased_until=timezone.now())
        assert actions.claim(Actor.system(email.workspace_id), email.pk) is None
        email.refresh_from_db()
        assert (email.state, email.last_error) == (State.FAILED, "No attempt came to an end")


class TestTheSweep:
    def test_sends_what_is_due_in_every_workspace(self, write, mail_server, stranger, alice):
        write()
        write(stranger.actor, facts={"company": "Theirs"})
        assert tasks.deliver_due() == 2
        assert {mail["Subject"] for mail in mail_server.received} == {"Invitación a Ñandú & Co", "Invitación a Theirs"}
        assert tasks.deliver_due() == 0

    def test_lets_mail_wait_where_there_is_no_server(self, write, settings, deliver):
        settings.EMAIL_HOST = ""
        email = deliver(write())
        assert (tasks.deliver_due(), email.state, email.attempts) == (0, State.DUE, 0)


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestManyWorkersAtOnce:
    def at_once(self, times: int, do) -> None:
        def run(_: int) -> None:
            try:
                do()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(5) as pool:
            list(pool.map(run, range(times)))

    def test_send_one_mail_once(self, write, mail_server):
        email = write()
        mail_server.pause = 0.3
        self.at_once(10, lambda: tasks.deliver(email.workspace_id, email.pk))
        assert len(mail_server.received) == mail_server.attempts == 1

    def test_send_each_of_many_mails_once(self, write, mail_server):
        for number in range(12):
            write(key=f"invitation/{number}", recipient=f"maria{number}@example.com")
        self.at_once(5, tasks.deliver_due)
        assert sorted(mail["To"] for mail in mail_server.received) == sorted(
            f"maria{number}@example.com" for number in range(12)
        )

    def test_write_one_mail_under_one_key(self, write, alice):
        numbers = count()
        self.at_once(10, lambda: write(recipient=f"maria{next(numbers)}@example.com"))
        assert OutboundEmail.objects.of(alice.actor).count() == 1
