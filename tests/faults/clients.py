"""People who write to each other over sockets that break, as `docs/realtime.md` tells a client to."""

import asyncio
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

EVERY = 0.08  # seconds from one message to the next
BROKEN = (OSError, EOFError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidMessage)


class Client:
    """It sends what it has to send until that is acknowledged, and notes what it is told in the order of the places.

    While it catches up in a conversation it puts aside what comes, which the replay repeats where it is new.
    """

    def __init__(self, name: str, token: str, ports: list[int], drafts: list[tuple[int, str]]) -> None:
        self.token, self.ports = token, ports
        self.waiting = {f"{name}-{number}": draft for number, draft in enumerate(drafts)}
        self.sent: set[str] = set()  # on this connection
        self.upto: Counter[int] = Counter()
        self.aside: dict[int, dict[int, Any]] = {}
        self.messages: dict[int, list[int]] = defaultdict(list)
        self.seen: dict[int, set[int]] = defaultdict(set)
        self.doubled: list[Any] = []
        self.ends: Counter[int | str] = Counter()
        self.connections = 0

    async def run(self, is_done: Callable[[], bool]) -> None:
        pause = 0.05
        while not is_done():
            try:
                async with connect(
                    f"ws://127.0.0.1:{self.ports[self.connections % len(self.ports)]}/ws/",
                    subprotocols=["crisol.v1", f"bearer.{self.token}"],
                    compression=None,
                    open_timeout=60,
                    close_timeout=5,
                ) as socket:
                    self.connections += 1
                    await self.talk(socket, is_done)
            except BROKEN as problem:
                code = problem.rcvd.code if isinstance(problem, ConnectionClosed) and problem.rcvd else "cut"
                self.ends[code] += 1
                self.connections += 1  # the other server, perhaps
                await asyncio.sleep(pause * (0.5 + random.random()))
                pause = min(2 * pause, 1.0)
            else:
                pause = 0.05

    async def talk(self, socket: ClientConnection, is_done: Callable[[], bool]) -> None:
        self.aside, self.sent = {}, set()
        writing = asyncio.create_task(self.write(socket))
        try:
            while not is_done():
                try:
                    received = await asyncio.wait_for(socket.recv(), 0.5)
                except TimeoutError:
                    continue
                await self.take(socket, json.loads(received))
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    async def write(self, socket: ClientConnection) -> None:
        while True:
            await asyncio.sleep(EVERY * (0.5 + random.random()))
            for client_id, (conversation, content) in self.waiting.items():
                if client_id not in self.sent:
                    self.sent.add(client_id)
                    draft = {"conversation": conversation, "content": content, "client_id": client_id}
                    await socket.send(json.dumps({"type": "message.send", "id": client_id, **draft}))
                    break

    async def take(self, socket: ClientConnection, frame: Any) -> None:
        match frame["type"]:
            case "ready":
                for each in frame["conversations"]:
                    self.aside[each["id"]] = {}
                    question = {"type": "sync", "conversation": each["id"], "after": self.upto[each["id"]]}
                    await socket.send(json.dumps(question))
            case "synced":
                for _, told in sorted(self.aside.pop(frame["conversation"]).items()):
                    self.note(told)
                self.upto[frame["conversation"]] = max(self.upto[frame["conversation"]], frame["seq"])
            case "ack" if "message" in frame:
                self.waiting.pop(frame["id"], None)
            case "error":  # as while the server is overloaded: then once more
                self.sent.discard(frame["id"])
            case "message.created":
                if frame["conversation"] in self.aside:
                    if frame["seq"] > self.upto[frame["conversation"]]:
                        self.aside[frame["conversation"]][frame["seq"]] = frame
                else:
                    self.note(frame)

    def note(self, frame: Any) -> None:
        key, message_id = frame["conversation"], frame["message"]["id"]
        if frame["seq"] <= self.upto[key] or message_id in self.seen[key]:
            self.doubled.append(frame)
        self.upto[key] = max(self.upto[key], frame["seq"])
        self.seen[key].add(message_id)
        self.messages[key].append(message_id)
