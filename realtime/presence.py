"""Who has a socket in this process, as everybody else is to know it.

The process has it in memory and writes down what differs: who comes and goes at once, what people did and that the
process lives with each heartbeat. What could not be written is so a heartbeat later, and what others have removed,
because the process was silent for too long, is written anew.
"""

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID, uuid4

from django.db import Error, InterfaceError
from django.utils import timezone
from pydantic import StringConstraints

from backend.core.actor import Actor
from backend.dialects.wire import Text
from backend.modules.messaging.actions import presence as actions
from backend.modules.messaging.actions.presence import Socket
from backend.modules.messaging.presence import BEAT, IDLE
from backend.modules.messaging.queries import presence as queries
from backend.modules.messaging.routers.urbany.presence import Status, UserStatus
from realtime.protocol import Frame, Reply, Visitor, answers
from realtime.threads import for_all, in_thread

PATIENCE = 5.0  # seconds that a socket waits until it is written down
AT_ONCE = 100  # sockets of one transaction

logger = logging.getLogger(__name__)


class Here:
    """A socket of somebody's, for as long as it is open."""

    def __init__(self, actor: Actor, news: asyncio.Event) -> None:
        self.id, self.workspace_id, self.user_id = uuid4(), cast(int, actor.workspace_id), actor.require_user()
        self.opened_at = self.active_at = timezone.now()
        self.closed_at: datetime | None = None
        self._news = news

    def act(self) -> None:
        """Its person does something. It is written down with the next heartbeat, unless they were away."""
        before, self.active_at = self.active_at, timezone.now()
        if self.active_at - before >= IDLE:
            self._news.set()


class Attendance:
    """The sockets of one process."""

    def __init__(self) -> None:
        self._roll = Roll()
        self._here: dict[UUID, Here] = {}
        self._news, self._next = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def of(self, actor: Actor) -> AsyncIterator[Here]:
        """Within it the actor's person is there."""
        here = Here(actor, self._news)
        self._here[here.id] = here
        try:
            await self._written()
            yield here
        finally:
            here.closed_at = timezone.now()
            await self._written()

    async def _written(self) -> None:
        """Wait until what has just changed is written down, or could not be."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep_on())
        self._news.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._next.wait(), PATIENCE)

    async def _keep_on(self) -> None:
        while self._here or self._news.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), BEAT.total_seconds())
            self._news.clear()
            done, self._next = self._next, asyncio.Event()
            try:
                await for_all(self._roll.write, tuple(self._here.values()))
            except (Error, InterfaceError) as problem:
                logger.warning("Who is there is written down later: %s", problem)
            except Exception:
                logger.exception("Nobody knows who is there")
            for each in [each for each in self._here.values() if each.closed_at and each.id not in self._roll.written]:
                del self._here[each.id]
            done.set()


class Roll:
    """What is written down of a process's sockets. It works in one thread at a time."""

    def __init__(self) -> None:
        self.process_id = uuid4()
        self.written: dict[UUID, datetime | None] = {}  # the open ones, and what was written last of their people
        self._beaten_at: float | None = None

    def write(self, sockets: Collection[Here]) -> None:
        """Write what differs. Raises what the database does, having written what it could."""
        is_beat = self._beaten_at is None or time.monotonic() - self._beaten_at >= BEAT.total_seconds()
        if is_beat:
            self._beat({each.id for each in sockets})
        try:
            for workspace_id, some in _by_workspace(sockets):
                self._write(Actor.system(workspace_id), some, is_beat=is_beat)
        except Exception:
            self._beaten_at = None  # then it is looked up what was written
            raise

    def _beat(self, socket_ids: Collection[UUID]) -> None:
        """Who was heard of until now looks after all the others too; who was not would take them for dead."""
        heard_at = queries.heard_at(self.process_id)
        actions.beat(Actor.system(None), process_id=self.process_id)
        if heard_at is not None and timezone.now() - heard_at < 3 * BEAT:
            actions.settle_due()
        known = queries.open_connections(self.process_id)
        for key, workspace_id in known.items():
            if key not in socket_ids:  # written by a transaction of which the process did not learn that it succeeded
                actions.keep(Actor.system(workspace_id), process_id=self.process_id, closed={key: timezone.now()})
        self.written = {key: self.written.get(key) for key in known if key in socket_ids}
        self._beaten_at = time.monotonic()

    def _write(self, actor: Actor, sockets: Collection[Here], *, is_beat: bool) -> None:
        opened = [each for each in sockets if not each.closed_at and each.id not in self.written]
        closed = {each.id: each.closed_at for each in sockets if each.closed_at and each.id in self.written}
        if opened or closed:
            new = [Socket(each.id, each.user_id, each.opened_at, each.active_at) for each in opened]
            actions.keep(actor, process_id=self.process_id, opened=new, closed=closed)
            self.written |= {each.id: each.active_at for each in new}
            for key in closed:
                del self.written[key]
        active = {each.id: each.active_at for each in sockets if self._has_news(each, is_beat=is_beat)}
        if active:
            actions.note_activity(actor, active=active)
            self.written |= active

    def _has_news(self, socket: Here, *, is_beat: bool) -> bool:
        before = self.written.get(socket.id)
        if socket.id not in self.written or before == socket.active_at:
            return False
        return is_beat or before is None or socket.active_at - before >= IDLE


def _by_workspace(sockets: Collection[Here]) -> Iterator[tuple[int, list[Here]]]:
    found: dict[int, list[Here]] = defaultdict(list)
    for each in sockets:
        found[each.workspace_id].append(each)
    for workspace_id, some in found.items():
        for start in range(0, len(some), AT_ONCE):
            yield workspace_id, some[start : start + AT_ONCE]


class Choice(Frame):
    status: Status | None = None
    custom_message: Annotated[Text, StringConstraints(max_length=200)] | None = None


@answers("presence.set", Choice)
async def choose(visitor: Visitor, frame: Choice) -> Reply:
    """Choose what one is shown as, or what one has to say; what is not in the frame stays."""
    return await in_thread(_choose, visitor.actor, frame)


def _choose(actor: Actor, frame: Choice) -> Reply:
    actions.choose(actor, status=frame.status, custom_message=frame.custom_message)
    shown: dict[str, Any] = UserStatus.of_object(queries.own(actor)).model_dump(mode="json", by_alias=True)
    return {"type": "ack", "presence": shown}
