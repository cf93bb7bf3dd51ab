"""Rows in memory whose reads take turns with everything else, hints that are lost, doubled and late, and clients.

All between the hints and the frames is the server's own.
"""

import asyncio
import contextlib
import json
import random
from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace

from backend.core.errors import NotFound
from backend.modules.messaging.queries import changes
from backend.modules.messaging.queries.changes import Changes
from backend.modules.messaging.queries.changes import Place as At
from realtime import audience, frames, socket

WORKSPACE, CONVERSATIONS, PEOPLE = 7, (1, 2), (11, 12, 13)
MOMENT = datetime(2026, 11, 21, tzinfo=UTC)
PERSON = {"email": "", "first_name": "", "last_name": "", "read_seq": 0}
ABSENT = ("client_id", "attachment_id", "reply_to_id", "read_at", "edited_at", "deleted_at", "address")
MESSAGE = dict.fromkeys(ABSENT) | {"sender_id": 11, "sender_email": "", "kind": "text"}
MESSAGE |= {"sender_first_name": "", "sender_last_name": "", "is_reaction_last": False, "reactions": []}
CONVERSATION = {"kind": "group", "title": "Casa", "subject_kind": "", "subject_id": None, "is_active": True}


class History:
    """What stands in the rows of a conversation."""

    def __init__(self, key: int) -> None:
        self.key, self.last, self.changed = key, 0, 0
        self.members: dict[int, int] = {}  # and the place at which each came
        self.messages: dict[int, dict] = {}
        for user_id in PEOPLE[:2]:
            self.admit(user_id)

    def send(self) -> None:
        self.last += 1
        self.messages[self.last] = {"seq": self.last, "changed_seq": self.last}

    def change(self, seq: int) -> None:
        self.last += 1
        self.messages[seq] = {"seq": seq, "changed_seq": self.last}

    def admit(self, user_id: int) -> None:
        self.last = self.changed = self.last + 1
        self.members[user_id] = self.last

    def remove(self, user_id: int) -> None:
        self.last = self.changed = self.last + 1
        del self.members[user_id]


class World:
    """The rows, redis, and one process of sockets."""

    def __init__(self, luck: random.Random) -> None:
        self.luck = luck
        self.histories = {key: History(key) for key in CONVERSATIONS}
        self.audiences = audience.Audiences()
        self.audiences._feeds = self
        self.heard_by: list[audience.Audience] = []
        self.late: list[asyncio.Task] = []

    async def pause(self) -> None:
        for _ in range(self.luck.choice((0, 0, 1, 2, 5, 15))):
            await asyncio.sleep(0)

    @contextlib.asynccontextmanager
    async def following(self, group, listener):
        await self.pause()
        self.heard_by.append(listener)
        try:
            yield
        finally:
            self.heard_by.remove(listener)

    def hint(self, key: int, newcomers: tuple[int, ...] = ()) -> None:
        hint = {"type": "happened", "conversation": key, "seq": self.histories[key].last, "newcomers": newcomers}
        for _ in range(self.luck.choice((0, 1, 1, 1, 2))):
            self.late.append(asyncio.create_task(self.deliver(hint)))

    async def deliver(self, hint) -> None:
        await self.pause()
        for each in set(self.heard_by):
            each.hear(hint)

    async def ask(self, function, *arguments):
        await self.pause()
        if function is frames.since:
            return await self.since(*arguments[1:3])
        if function is changes.active_since:
            return [At(*row) for row in self.active(arguments[1])]
        return []  # who has read what

    async def since(self, key: int, after: int) -> frames.Told:
        history = self.histories[key]
        head, changed = history.last, history.changed
        upto = min(head, after + 4)
        await self.pause()
        people = [PERSON | {"user_id": user_id} for user_id in history.members]
        await self.pause()
        found = [
            MESSAGE | row | {"version": 1, "id": row["seq"], "conversation_id": key, "content": str(row["changed_seq"])}
            | {"created_at": MOMENT}
            for row in history.messages.values()
            if after < row["seq"] <= upto or after < row["changed_seq"] <= upto
        ]  # fmt: skip
        row = CONVERSATION | {"version": 1, "id": key, "last_seq": head, "changed_seq": changed, "participants": people}
        row |= {"created_by_id": 11, "creator_email": "", "created_at": MOMENT}
        await self.pause()
        return frames.Told(Changes(after, upto, head, row, found))

    def active(self, user_ids):
        for history in self.histories.values():
            for user_id, came in history.members.items():
                if user_id in user_ids:
                    yield history.key, history.last, user_id, came

    async def positions(self, actor):
        await self.pause()
        mine = [each for each in self.histories.values() if actor.user_id in each.members]
        found = [{"id": each.key, "seq": each.last, "unread": 0} for each in mine]
        await self.pause()
        return found


@contextlib.asynccontextmanager
async def here(actor):
    yield SimpleNamespace(act=lambda: None)


class Client:
    """One as `docs/realtime.md` says: it syncs where it does not know the end, and has come no further before `synced`.

    Of what comes beside that, each has to be new.
    """

    def __init__(self, world: World, user_id: int) -> None:
        self.world, self.user_id = world, user_id
        self.upto: dict[int, int] = {}
        self.highest: Counter[int] = Counter()
        self.told: dict[int, dict[int, str]] = {key: {} for key in CONVERSATIONS}
        self.syncing: Counter[int] = Counter()  # questions not answered yet

    async def run(self, seconds_connected) -> None:
        for steps in seconds_connected:
            task = asyncio.create_task(self.connect())
            for _ in range(steps):
                await asyncio.sleep(0)
            self.incoming.put_nowait({"type": "websocket.disconnect"})
            await task
            await self.world.pause()

    async def connect(self) -> None:
        self.incoming: asyncio.Queue = asyncio.Queue()
        self.syncing = Counter()
        watch = SimpleNamespace(over=lambda one: contextlib.nullcontext())
        attendance = SimpleNamespace(of=here)
        with contextlib.suppress(socket.Gone):
            mine = socket.Socket(self.world.audiences, watch, self.incoming.get, self.take)
            await mine.serve(str(self.user_id), attendance)

    async def take(self, message) -> None:
        await self.world.pause()
        frame = json.loads(message["text"])
        match frame["type"]:
            case "ready":
                for each in frame["conversations"]:
                    self.begin(each["id"])
            case "synced":
                self.syncing[frame["conversation"]] -= 1
                assert frame["seq"] >= self.highest[frame["conversation"]], "more was told than it says"
                self.upto[frame["conversation"]] = frame["seq"]
            case "conversation.created":
                self.begin(frame["conversation"])
            case "error":
                assert frame["code"] == NotFound.code
                self.syncing[frame["id"]] -= 1
            case _:
                self.happened(frame)

    def begin(self, key: int) -> None:
        self.syncing[key] += 1
        question = {"type": "sync", "conversation": key, "after": self.upto.setdefault(key, 0), "id": key}
        self.incoming.put_nowait({"type": "websocket.receive", "text": json.dumps(question)})

    def happened(self, frame) -> None:
        key, seq = frame["conversation"], frame["seq"]
        self.highest[key] = max(self.highest[key], seq)
        if not self.syncing[key]:
            assert seq > self.upto[key], "told twice, or out of order"
            self.upto[key] = seq
        if "message" in frame:
            self.told[key][frame["message"]["seq"]] = frame["message"]["content"]
