"""Handing a mail to the SMTP server.

What the server says about this mail (its recipient, its content, its sender) with a 5xx code is final. Everything
else may be different in a minute: 4xx, no connection, and also a refused log-in, which is about our configuration.
"""

import contextlib
import smtplib
import socket
from collections.abc import Iterable
from datetime import timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address, ContentTypeHeader
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, cast

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from backend.core import jobs
from backend.modules.notifications.models import OutboundEmail, OutboundFile

POLICY = SMTP.clone(cte_type="7bit")  # any server takes it
LOGIN_IS_MISSING = 530
TOO_LONG = "The mail server answered, but took too long"


class Undelivered(Exception):
    """The server did not take the mail; it may do so later. The text says why."""


class Refused(Undelivered):
    """It never will."""


class Server(EmailBackend):
    """The server, to whom another thread can end the dialogue: each step has its time, but may have many."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[smtplib.SMTP] = []
        self.is_broken_off = False

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        server, kind = self, super().connection_class

        class Line(kind):  # type: ignore[misc,valid-type]
            def __init__(self, *args: Any, **options: Any) -> None:
                server.lines.append(self)  # before it is open: that may be what takes so long
                super().__init__(*args, **options)

            def getreply(self) -> tuple[int, bytes]:
                if server.is_broken_off:  # before there was a socket to shut
                    raise smtplib.SMTPServerDisconnected
                return super().getreply()

        return Line

    def break_off(self) -> None:
        self.is_broken_off = True
        for line in self.lines:
            if line.sock is not None:
                with contextlib.suppress(OSError):
                    line.sock.shutdown(socket.SHUT_RDWR)


def deliver(email: OutboundEmail, files: Iterable[OutboundFile] = (), *, lease: timedelta) -> None:
    """Return once the server has taken the mail, within the lease. Raises `Undelivered` and `Refused`."""
    message = compose(email, files)
    server = Server()
    with jobs.limited(server.break_off, lease=lease):
        try:
            server.open()
            _hand_over(cast(smtplib.SMTP, server.connection), message)
        except OSError as problem:  # smtplib's exceptions are OSErrors as well
            raise Undelivered(TOO_LONG if server.is_broken_off else _reason(problem)) from None
        finally:
            with contextlib.suppress(OSError):  # what was taken is taken, whatever becomes of the good-bye
                server.close()


def _hand_over(connection: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        connection.send_message(message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as problem:
        final = _code(problem) >= 500 and _code(problem) != LOGIN_IS_MISSING
        raise (Refused if final else Undelivered)(_reason(problem)) from None
    except smtplib.SMTPNotSupportedError:
        raise Refused("The mail server does not take addresses with such letters before the @ (SMTPUTF8)") from None


def compose(email: OutboundEmail, files: Iterable[OutboundFile] = ()) -> EmailMessage:
    """The message, plain text and HTML, and the files. Raises `Refused` for what is no address."""
    message = EmailMessage(policy=POLICY)
    message["Subject"] = email.subject
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = _address(email.recipient)
    message["Date"] = email.created_at
    message["Message-ID"] = email.message_id
    message["Auto-Submitted"] = "auto-generated"  # so that nobody's absence is announced to us
    message["Content-Language"] = email.language
    message.set_content(email.text)
    message.add_alternative(email.html, subtype="html")
    for file in files:
        _attach(message, file)
    return message


def _attach(message: EmailMessage, file: OutboundFile) -> None:
    kind = cast(ContentTypeHeader, POLICY.header_factory("Content-Type", file.media_type))
    message.add_attachment(
        bytes(file.content), maintype=kind.maintype, subtype=kind.subtype, params=dict(kind.params), filename=file.name
    )


def _address(recipient: str) -> Address:
    """The address, its domain in ASCII, so that every server takes it."""
    local, _, domain = recipient.rpartition("@")
    try:
        domain = domain.encode("idna").decode()
        plain = Address(addr_spec=f"{''.join(each if each.isascii() else 'x' for each in local)}@{domain}")
    except (ValueError, IndexError, HeaderParseError) as problem:
        raise Refused(f"{recipient!r} is no address: {problem}") from None
    return plain if local.isascii() else Address(username=local, domain=domain)


def _code(problem: smtplib.SMTPException) -> int:
    return _answer(problem)[0]


def _answer(problem: OSError) -> tuple[int, bytes | str]:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return next(iter(problem.recipients.values()))
    if isinstance(problem, smtplib.SMTPResponseException):
        return problem.smtp_code, problem.smtp_error
    return 0, str(problem) or type(problem).__name__


def _reason(problem: OSError) -> str:
    code, said = _answer(problem)
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {text}" if code else text
