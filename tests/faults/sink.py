"""An SMTP server that misbehaves with some mails: `tests/mail_server.py` is its better-behaved kin."""

import asyncio
from collections import Counter

from tests.mail_server import MailServer


class Sink(MailServer):
    """`troubles` are what happens to the next attempts at an address, before its mail is taken:

    - an SMTP answer, `451 Later`: said to the recipient;
    - `hang`: the text is taken in, and then nothing is said;
    - `hang up`: the text is thrown away, and the connection ends without an answer;
    - `keep and hang up`: the same, but the text is kept.

    While `is_held`, texts wait, not kept yet, for an answer; `holding` has to whom they are.
    """

    def __init__(self) -> None:
        super().__init__()
        self.troubles: dict[str, list[str]] = {}
        self.tries: Counter[str] = Counter()
        self.is_held = False
        self.holding: list[str] = []

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        self.tries[address] += 1
        if self._next(address)[:1].isdigit():
            return self.troubles[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        trouble = self._next(address)
        if trouble:
            self.troubles[address].pop(0)
        if trouble == "hang":
            await asyncio.Event().wait()  # cancelled when the client hangs up
        await self._wait(address)
        if trouble != "hang up":
            await super().handle_DATA(server, session, envelope)
        if trouble:
            server.transport.abort()
        return "250 OK"

    def mails_to(self, *addresses: str) -> list[str]:
        """The `Message-ID` of each mail to them that was kept."""
        with self.lock:
            return [mail["Message-ID"] for mail in self.received if mail["To"] in addresses]

    def _next(self, address: str) -> str:
        return next(iter(self.troubles.get(address, ())), "")

    async def _wait(self, address: str) -> None:
        self.holding.append(address)
        try:
            while self.is_held:
                await asyncio.sleep(0.02)
        finally:
            self.holding.remove(address)
