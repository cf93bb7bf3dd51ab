"""One websocket, from its handshake to its end."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from backend.core import live
from backend.core.actor import Actor
from realtime import auth, origins, protocol
from realtime.auth import Verdict
from realtime.feeds import Feeds, Lost
from realtime.limits import Allowance
from realtime.protocol import Closed, Code, Visitor
from realtime.watch import Watch

PATHS = ("/ws", "/ws/")
AUTH_WITHIN = 5.0  # seconds
UNCHECKED = 30.0  # seconds that one stays open while the database does not answer
MOST_WAITING = 256  # frames that a client has not read yet

Message = dict[str, Any]


class Gone(Exception):
    """The client left."""


class Sockets:
    """The ASGI application for the websockets of one process."""

    def __init__(self) -> None:
        self._feeds, self._watch = Feeds(), Watch()

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
        await receive()  # websocket.connect
        if scope["path"] not in PATHS or not origins.is_welcome(scope):
            await send({"type": "websocket.close"})  # before it was accepted: the handshake is answered with 403
            return
        offered = scope["subprotocols"]
        chosen = protocol.SUBPROTOCOL if protocol.SUBPROTOCOL in offered else None
        await send({"type": "websocket.accept", "subprotocol": chosen})
        with contextlib.suppress(Gone):
            try:
                await Socket(self._feeds, self._watch, receive, send).serve(auth.offered(offered))
            except Closed as closed:
                await send({"type": "websocket.close", "code": int(closed.code)})


class Socket:
    """It listens to its client and to what its person is told, and ends when they may no longer be here."""

    def __init__(self, feeds: Feeds, watch: Watch, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
        self._feeds, self._watch, self._receive, self._send = feeds, watch, receive, send
        self._outbox: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._allowance = Allowance()
        self._ending = asyncio.get_running_loop().create_future()

    async def serve(self, token: str | None) -> None:
        """Until the client leaves, which raises `Gone`, or the server has a reason to end it: `Closed`."""
        entered = await auth.enter(token if token is not None else await self._first_frame())
        self.claims, self._visitor, self._checked_at = entered.claims, Visitor(entered.actor), time.monotonic()
        group = live.group_of(entered.claims.workspace_id, entered.claims.user_id)
        try:
            async with self._feeds.following(group, self):
                self._say({"type": "ready", "user": entered.user, "conversations": []})
                with self._watch.over(self):
                    await self._until_one_ends(self._ended(), self._listen(), self._write())
        except Lost:
            raise Closed(Code.UNAVAILABLE) from None

    def hear(self, message: Message) -> None:
        """What the person is told."""
        if message.get("type") == "frame":
            self._put(message["text"])

    def lose(self) -> None:
        self._end(Code.UNAVAILABLE)

    def judge(self, verdict: Verdict) -> None:
        """That the database does not answer is no reason to end it at once."""
        if isinstance(verdict, Actor):
            self._visitor, self._checked_at = Visitor(verdict), time.monotonic()
        elif verdict != Code.UNAVAILABLE or time.monotonic() - self._checked_at > UNCHECKED:
            self._end(verdict)

    async def _until_one_ends(self, *works: Any) -> None:
        tasks = [asyncio.create_task(work) for work in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ended(self) -> None:
        raise Closed(await self._ending)

    async def _listen(self) -> None:
        while True:
            message = await self._next()
            if self._allowance.spend():
                self._say(await protocol.reply(self._visitor, message))
            elif self._allowance.is_used_up:
                raise Closed(Code.FLOOD)
            else:
                self._say(protocol.refusal(self._allowance.refusal()))

    async def _write(self) -> None:
        while True:
            await self._send({"type": "websocket.send", "text": await self._outbox.get()})

    async def _first_frame(self) -> str:
        try:
            token = protocol.token_of(await asyncio.wait_for(self._next(), AUTH_WITHIN))
        except TimeoutError:
            token = None
        if token is None:
            raise Closed(Code.UNAUTHENTICATED)
        return token

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise Gone
        return message

    def _say(self, frame: Message) -> None:
        self._put(orjson.dumps(frame).decode())

    def _put(self, text: str) -> None:
        try:
            self._outbox.put_nowait(text)
        except asyncio.QueueFull:
            self._end(Code.TOO_SLOW)

    def _end(self, code: Code) -> None:
        if not self._ending.done():
            self._ending.set_result(code)
