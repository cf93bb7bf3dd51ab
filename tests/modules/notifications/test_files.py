"""Files that go out with a mail."""

import random

import pytest

from backend.modules.ledger.models import Entry
from backend.modules.notifications import actions
from backend.modules.notifications.actions import MailFile
from backend.modules.notifications.models import OutboundEmail, OutboundFile, State

pytestmark = pytest.mark.django_db

PDF = MailFile("Informe de junio.pdf", "application/pdf", random.Random(1).randbytes(70_000))
CSV = MailFile("señales.csv", "text/csv; charset=utf-8", "\ufeffnombre;año\r\nÑandú;2026\r\n".encode())


def sizes(actor) -> list[int]:
    return list(OutboundFile.objects.of(actor).order_by("id").values_list("size", flat=True))


class TestAMailWithFiles:
    def test_carries_them_byte_by_byte_in_their_order_beside_its_texts(self, write, deliver, mail_server):
        email = deliver(write(files=[PDF, CSV]))
        assert (email.state, email.last_error) == (State.SENT, "")
        [mail] = mail_server.received
        arrived = list(mail.iter_attachments())
        assert [(each.get_filename(), each.get_content_type()) for each in arrived] == [
            ("Informe de junio.pdf", "application/pdf"),
            ("señales.csv", "text/csv"),
        ]
        assert [each.get_payload(decode=True) for each in arrived] == [PDF.content, CSV.content]
        assert arrived[1].get_content() == CSV.content.decode(), "its charset is said"
        assert mail.get_body(("plain",)).get_content().splitlines() == email.text.splitlines()
        assert mail.get_body(("html",)).get_content().splitlines() == email.html.splitlines()

    def test_arrives_with_them_at_the_second_attempt_as_well_and_when_sent_again(
        self, write, deliver, mail_server, alice
    ):
        mail_server.answer("451 later")
        email = deliver(write(files=[CSV]))
        for _ in range(2):
            actions.resend(alice.actor, email.pk)
            deliver(email)
        contents = [
            [each.get_payload(decode=True) for each in mail.iter_attachments()] for mail in mail_server.received
        ]
        assert contents == [[CSV.content], [CSV.content]]

    def test_has_no_byte_of_them_in_the_ledger(self, write, alice):
        write(files=[MailFile("a.txt", "text/plain", b"s3cr3t")])
        entry = Entry.objects.of(alice.actor).get(table="outbound_files")
        assert (entry.new["name"], entry.new["size"]) == ("a.txt", 6)
        assert "content" not in entry.new
        assert "s3cr3t" not in str(entry.new)

    def test_written_twice_under_one_key_has_the_files_of_the_first(self, write, alice):
        write(files=[PDF])
        write(files=[CSV, CSV])
        assert sizes(alice.actor) == [len(PDF.content)]


class TestTheFilesOfASecretMail:
    @pytest.mark.parametrize("answer", [[], ["550 no"]])
    def test_are_erased_with_its_text(self, write, deliver, mail_server, alice, answer):
        mail_server.answer(*answer)
        deliver(write(is_secret=True, files=[PDF]))
        write(key="another", files=[CSV])
        assert sizes(alice.actor) == [len(CSV.content)]
        assert len(mail_server.received) == 1 - len(answer)

    def test_are_kept_while_it_is_due(self, write, deliver, mail_server, alice):
        mail_server.answer("451 later")
        deliver(write(is_secret=True, files=[PDF]))
        assert sizes(alice.actor) == [len(PDF.content)]


class TestTooMuch:
    def test_is_refused_and_nothing_is_written(self, write, alice, monkeypatch):
        monkeypatch.setattr(actions.emails, "MOST_BYTES_OF_FILES", 10)
        with pytest.raises(actions.MailFilesTooLarge) as refused:
            write(files=[MailFile("a", "text/plain", b"x" * 6), MailFile("b", "text/plain", b"x" * 5)])
        assert refused.value.facts == {"size": 11, "limit": 10}
        assert (OutboundEmail.objects.of(alice.actor).count(), sizes(alice.actor)) == (0, [])
        write(files=[MailFile("a", "text/plain", b"x" * 10)])

    def test_is_more_than_ten_megabytes(self):
        assert actions.MOST_BYTES_OF_FILES == 10_000_000


class TestTheNameOfAFile:
    def test_has_no_line_break(self, write):
        with pytest.raises(ValueError, match="is no name of a file"):
            write(files=[MailFile("a\r\nBcc: all@example.com", "text/plain", b"x")])


def test_two_workspaces_have_their_own(write, alice, stranger):
    write(files=[CSV])
    write(stranger.actor, files=[PDF])
    assert (sizes(alice.actor), sizes(stranger.actor)) == ([len(CSV.content)], [len(PDF.content)])
