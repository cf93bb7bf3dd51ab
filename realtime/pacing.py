"""Neither side gets ahead of the other: Daphne by itself takes whatever comes and keeps whatever goes in memory."""

import asyncio
from typing import Any

from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

MOST_UNREAD = 32  # messages of a client that wait for the application; then they wait with the client


@implementer(IPushProducer)
class Pace:
    """What is sent to a client: the connection says when it has more than enough to read."""

    def __init__(self) -> None:
        self._may_go_on = asyncio.Event()
        self.resumeProducing()

    def pauseProducing(self) -> None:
        self._may_go_on.clear()

    def resumeProducing(self) -> None:
        self._may_go_on.set()

    stopProducing = resumeProducing  # the client is gone: what is still sent goes nowhere

    async def keep(self) -> None:
        await self._may_go_on.wait()


class PacedSocket(WebSocketProtocol):
    """A websocket whose client and application wait for each other.

    A client that breaks the protocol is told with a close code. Daphne cuts the connection.
    """

    def onConnect(self, request: Any) -> Any:
        if not request.headers.get("sec-websocket-protocol", "").isascii():  # of which Daphne logs a traceback
            raise ConnectionDeny(ConnectionDeny.BAD_REQUEST, "The subprotocols are not ASCII")
        self.failByDrop = False
        self.pace = Pace()
        self._unread, self._is_paused, self._is_over = 0, False, False
        return super().onConnect(request)

    def onOpen(self) -> None:
        super().onOpen()
        self.transport.unregisterProducer()  # the HTTP that it began with
        self.transport.registerProducer(self.pace, True)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        if hasattr(self, "pace"):
            self.pace.stopProducing()
        super().onClose(wasClean, code, reason)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self._is_over:
            return
        super().onMessage(payload, isBinary)
        self._unread += 1
        if self._unread >= MOST_UNREAD and not self._is_paused:
            self._is_paused = True
            self.transport.pauseProducing()

    @property
    def is_gone(self) -> bool:
        return bool(self.state == self.STATE_CLOSED)

    def taken(self) -> None:
        """The application has taken a message."""
        self._unread -= 1
        if self._unread < MOST_UNREAD // 2:
            self._read_on()

    def serverClose(self, code: int | None = None) -> None:
        self._is_over = True
        self._read_on()  # as far as its answer
        super().serverClose(code)

    def _read_on(self) -> None:
        if self._is_paused:
            self._is_paused = False
            self.transport.resumeProducing()
