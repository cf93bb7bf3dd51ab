"""One websocket, from its handshake to its end."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import orjson

from backend.core.actor import Actor
from backend.modules.identity.tokens import Claims
from backend.modules.messaging.permissions import USE
from realtime import auth, conversations, origins, protocol  # noqa: F401 - conversations declares its frames
from realtime.audience import Audiences
from realtime.auth import Verdict
from realtime.feeds import Lost
from realtime.frames import Told
from realtime.limits import Allowance, Typing
from realtime.outbox import Outbox
from realtime.places import Places
from realtime.presence import Attendance
from realtime.protocol import Closed, Code, Visitor
from realtime.watch import Watch

PATHS = ("/ws", "/ws/")
BY_ITSELF = ("pong", "synced")  # answers what a client asks while nobody sits before it
AUTH_WITHIN = 5.0  # seconds
UNCHECKED = 30.0  # seconds that one stays open while the database does not answer

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]


class Gone(Exception):
    """The client left."""


class Sockets:
    """The ASGI application for the websockets of one process."""

    def __init__(self) -> None:
        self._audiences, self._watch, self._attendance = Audiences(), Watch(), Attendance()

    async def __call__(self, scope: Message, receive: Receive, send: Any) -> None:
        await receive()  # websocket.connect
        if scope["path"] not in PATHS or not origins.is_welcome(scope):
            await send({"type": "websocket.close"})  # before it was accepted: the handshake is answered with 403
            return
        offered = scope["subprotocols"]
        chosen = protocol.SUBPROTOCOL if protocol.SUBPROTOCOL in offered else None
        await send({"type": "websocket.accept", "subprotocol": chosen})
        with contextlib.suppress(Gone):
            try:
                socket = Socket(self._audiences, self._watch, receive, send)
                await socket.serve(auth.offered(offered), self._attendance)
            except Closed as closed:
                await send({"type": "websocket.close", "code": int(closed.code)})


class Socket:
    """It listens to its client and to what its person is told, and ends when they may no longer be here."""

    claims: Claims
    user_id: int

    def __init__(self, audiences: Audiences, watch: Watch, receive: Receive, send: Any) -> None:
        self._audiences, self._watch, self._receive, self._send = audiences, watch, receive, send
        self._outbox = Outbox()
        self._places = Places(self._outbox)
        self._allowance = Allowance()
        self._ending = asyncio.get_running_loop().create_future()

    async def serve(self, token: str | None, attendance: Attendance) -> None:
        """Until the client leaves, which raises `Gone`, or the server has a reason to end it: `Closed`."""
        entered = await auth.enter(token if token is not None else await self._first_frame())
        self.claims, self.user_id, self._checked_at = entered.claims, entered.claims.user_id, time.monotonic()
        self._visitor = Visitor(entered.actor, self._places, Typing())
        try:
            async with (
                attendance.of(entered.actor) as self._here,
                self._audiences.joined(entered.claims.workspace_id, self) as audience,
            ):
                positions = await auth.positions(entered.actor)
                ready = {"type": "ready", "user": entered.user, "conversations": positions}
                self._outbox.put_first(orjson.dumps(ready).decode())
                audience.follow(self, self._places.begin(self.claims.workspace_id, self.user_id, positions))
                with self._watch.over(self):
                    works = self._ended(), self._listen(), self._write(), self._places.keep_up()
                    await self._until_one_ends(*works)
        except Lost:
            raise Closed(Code.UNAVAILABLE) from None

    def hear(self, text: str, needs: str | None = None) -> None:
        if needs is None or self._visitor.actor.may(needs):
            self._hand_over(lambda: self._outbox.put(text))

    def follow(self, told: Told) -> None:
        if self._visitor.actor.may(USE):
            self._hand_over(lambda: self._places.tell(told))

    def forget(self, told: Told) -> None:
        self._places.forget(told)

    def lose(self) -> None:
        self._end(Code.UNAVAILABLE)

    def judge(self, verdict: Verdict) -> None:
        """That the database does not answer is no reason to end it at once; another right to conversations is one."""
        if isinstance(verdict, Actor):
            if verdict.may(USE) is not self._visitor.actor.may(USE):
                self._end(Code.UNAVAILABLE)
            self._visitor, self._checked_at = replace(self._visitor, actor=verdict), time.monotonic()
        elif verdict != Code.UNAVAILABLE or time.monotonic() - self._checked_at > UNCHECKED:
            self._end(verdict)

    async def _until_one_ends(self, *works: Any) -> None:
        tasks = [asyncio.create_task(work) for work in works]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            raise next(filter(None, (task.exception() for task in tasks if task.done())))
        finally:
            await _cancel(tasks)
            tasks.clear()  # the exception would hold its task and all that waits for the client, and the task it

    async def _ended(self) -> None:
        raise Closed(await self._ending)

    async def _listen(self) -> None:
        while True:
            message = await self._next()
            if self._allowance.spend():
                answer = await protocol.reply(self._visitor, message)
                self._say(answer)
                if answer["type"] not in BY_ITSELF:
                    self._here.act()
            elif self._allowance.is_used_up:
                raise Closed(Code.FLOOD)
            else:
                self._say(protocol.refusal(self._allowance.refusal()))

    async def _write(self) -> None:
        try:
            while True:
                await self._send({"type": "websocket.send", "text": await self._outbox.get()})
        except ConnectionError:
            raise Gone from None

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
        self._hand_over(lambda: self._outbox.put(orjson.dumps(frame).decode()))

    def _hand_over(self, put: Callable[[], None]) -> None:
        try:
            put()
        except asyncio.QueueFull:
            self._end(Code.TOO_SLOW)

    def _end(self, code: Code) -> None:
        if not self._ending.done():
            self._ending.set_result(code)


async def _cancel(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
