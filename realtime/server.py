"""Daphne in flat memory: `python -m realtime.server -p 8000 realtime.asgi:application`.

Daphne hands an application the whole body of a request at once, in pieces that all wait in memory; here they wait in a
temporary file. And it takes an answer as fast as the application gives it, though a slow client may not; here the
application waits for its client. So neither an upload nor a download of any size takes more memory than a few pieces.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Any

from daphne.cli import CommandLineInterface
from daphne.server import Server
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

PIECE = 64 * 1024  # bytes that the application gets at a time
IN_MEMORY = 4 * PIECE  # bytes of a body that are not worth a file


class BodyOnDisk:
    """Stands before a request's queue: of each message with a body it passes on how to read it."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when the last reader is gone
        self._length = 0

    def put_nowait(self, message: dict[str, Any]) -> None:
        if body := message.get("body"):
            self._file.seek(self._length)
            self._file.write(body)
            message = message | {"body": partial(self._read, self._length, len(body))}
            self._length += len(body)
        self._queue.put_nowait(message)

    def _read(self, start: int, length: int) -> bytes:
        self._file.seek(start)
        return self._file.read(length)


def reading_bodies(application: Callable[..., Any]) -> Callable[..., Any]:
    """The application, which gets each body when it asks for it."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        async def read() -> dict[str, Any]:
            message = await receive()
            body = message.get("body")
            return message | {"body": body()} if callable(body) else message

        await application(scope, read, send)

    return wrapped


@implementer(IPushProducer)
class Pace:
    """An answer's pace: the connection says when its client has more than enough to read."""

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


class FlatServer(Server):
    def __init__(self, application: Callable[..., Any], **options: Any) -> None:
        super().__init__(reading_bodies(application), **options | {"request_buffer_size": PIECE})

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        queue = super().create_application(protocol, scope)
        return BodyOnDisk(queue) if queue is not None and scope["type"] == "http" else queue

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        has_more = message.get("more_body", False)
        if message["type"] == "http.response.start" and protocol.channel is not None:
            protocol.registerProducer(Pace(), streaming=True)
        elif message["type"] == "http.response.body" and not has_more and protocol.producer and protocol.channel:
            protocol.unregisterProducer()  # not where the client has gone, and the connection with it
        await super().handle_reply(protocol, message)
        if has_more and protocol.producer:
            await protocol.producer.keep()


class Command(CommandLineInterface):
    server_class = FlatServer


if __name__ == "__main__":
    Command.entrypoint()
