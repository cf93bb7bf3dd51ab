"""Daphne in flat memory: `python -m realtime.server -p 8000 realtime.asgi:application`.

Daphne hands an application the whole body of a request at once, in pieces that all wait in memory; here they wait in a
temporary file. And it takes an answer as fast as the application gives it, though a slow client may not; here the
application waits for its client. So neither an upload nor a download of any size takes more memory than a few pieces,
nor a websocket more than a few frames.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Any

from daphne.cli import CommandLineInterface
from daphne.server import Server
from twisted.internet.defer import Deferred

from realtime.pacing import Pace, PacedSocket

PIECE = 64 * 1024  # bytes that the application gets at a time
IN_MEMORY = 4 * PIECE  # bytes of a body that are not worth a file
LARGEST_FRAME = 64 * 1024  # bytes of a websocket's frame, and of a message in several
LIMITS = {
    "request_buffer_size": PIECE,
    "websocket_max_frame_size": LARGEST_FRAME,
    "websocket_max_message_size": LARGEST_FRAME,
}
LAST_WORDS = 5.0  # seconds at most that applications have to end in when the server does
TIME_TO_READ = 10.0  # seconds that a client has to learn why it is closed out
CONNECTION = "crisol.connection"  # in the scope of a websocket, on its way to `pacing_sockets`


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


def pacing_sockets(application: Callable[..., Any]) -> Callable[..., Any]:
    """The application, whose websockets are read from as fast as it takes their messages."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        connection = scope.pop(CONNECTION, None)

        async def read() -> dict[str, Any]:
            message = await receive()
            if message["type"] == "websocket.receive":
                connection.taken()
            return message

        await application(scope, receive if connection is None else read, send)

    return wrapped


class FlatServer(Server):
    def __init__(self, application: Callable[..., Any], **options: Any) -> None:
        super().__init__(pacing_sockets(reading_bodies(application)), **options | LIMITS)

    @property
    def ws_factory(self) -> Any:
        return self._ws_factory

    @ws_factory.setter
    def ws_factory(self, factory: Any) -> None:
        """Daphne makes it when it starts."""
        factory.protocol = PacedSocket
        factory.setProtocolOptions(closeHandshakeTimeout=TIME_TO_READ)
        self._ws_factory = factory

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "websocket":
            return super().create_application(protocol, scope | {CONNECTION: protocol})
        queue = super().create_application(protocol, scope)
        return None if queue is None else BodyOnDisk(queue)

    def kill_all_applications(self) -> Deferred:
        """End them and wait for it: sockets write down that they are closed.

        Daphne's own breaks off at the first connection that has no application, as of a request that became a socket.
        """
        running = [each["application_instance"] for each in self.connections.values() if "application_instance" in each]
        for application in running:
            application.cancel()
        waiting = asyncio.wait(running, timeout=LAST_WORDS) if running else asyncio.sleep(0)
        return Deferred.fromFuture(asyncio.ensure_future(waiting))

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if isinstance(protocol, PacedSocket):
            await super().handle_reply(protocol, message)
            if message["type"] == "websocket.send":
                await self._wait_for(protocol)
        else:
            await self._handle_http(protocol, message)

    async def _wait_for(self, protocol: PacedSocket) -> None:
        """Until the client has read enough. Raises `ConnectionError` when it is gone."""
        await protocol.pace.keep()
        if protocol.is_gone:
            raise ConnectionError("The client is gone")

    async def _handle_http(self, protocol: Any, message: dict[str, Any]) -> None:
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
