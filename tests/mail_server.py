"""A real SMTP server of the test's own, that takes mail or answers as it is told."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


class MailServer:
    """`received` has what was taken, `attempts` how often a recipient was named, `pause` how long a text takes."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.answers: list[str] = []
        self.at = "recipient"
        self.pause = 0.0
        self.attempts = 0
        self.lock = threading.Lock()
        self.port = free_port()
        self.controller: Controller | None = None

    def start(self, **options) -> "MailServer":
        self.controller = Controller(self, "127.0.0.1", self.port, **{"enable_SMTPUTF8": True} | options)
        self.controller.start()
        return self

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    def answer(self, *answers: str, at: str = "recipient") -> None:
        """Say this to the recipients (or with `at="data"` to the texts) of the next mails; then take everything.

        `disconnect` hangs up instead.
        """
        self.answers, self.at = list(answers), at

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        self.attempts += 1
        if self.answers and self.at == "recipient":
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        if self.answers and self.at == "data":
            answer = self.answers.pop(0)
            if answer == "disconnect":
                server.transport.abort()
            return answer
        await asyncio.sleep(self.pause)
        with self.lock:
            self.received.append(message_from_bytes(envelope.original_content, policy=policy.default))
            self.envelopes.append(envelope)
        return "250 OK"


@contextlib.contextmanager
def running():
    server = MailServer().start()
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def dribbling(*, greets: bool) -> Iterator[int]:
    """A port where a server says a letter now and then, for ever; before its greeting, or after it."""
    ended = threading.Event()

    def dribble(line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            line.sendall(b"220 localhost\r\n" if greets else b"")
            line.sendall(b"220-")
            while not ended.wait(0.05):
                line.sendall(b"x")

    def answer(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=dribble, args=[server.accept()[0]], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, args=[server], daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()
            server.shutdown(socket.SHUT_RDWR)
