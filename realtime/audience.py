"""Those of a workspace who listen in this process, and what they hear: frames for some of them, and hints that more
has happened in a conversation.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any, Protocol

from django.db import Error, InterfaceError
from django.utils import timezone

from backend.core import live
from backend.modules.messaging.queries import changes
from realtime.feeds import Feeds
from realtime.frames import Told
from realtime.streams import Stream
from realtime.threads import for_all

LOOK_EVERY = 10.0  # seconds from one look for what no hint told of to the next
LOOK_BACK = timedelta(minutes=1)  # behind the look before, over slow transactions and the servers' clocks

logger = logging.getLogger(__name__)


class Member(Protocol):
    """A socket. None of the three may wait for anything."""

    user_id: int

    def hear(self, text: str, needs: str | None = None) -> None:
        """A frame for its person, if they hold the permission that it needs."""

    def follow(self, told: Told) -> None:
        """What happened in a conversation of its person's."""

    def forget(self, told: Told) -> None:
        """What happened in a conversation in which its person takes part no more."""

    def lose(self) -> None:
        """Nothing comes any more, and something may have been missed."""


class Audience:
    """The sockets of one process in one workspace."""

    def __init__(self, workspace_id: int) -> None:
        self.workspace_id = workspace_id
        self._members: dict[int, set[Member]] = defaultdict(set)
        self._followers: dict[int, set[Member]] = defaultdict(set)
        self._streams: dict[int, Stream] = {}
        self._entering: set[Member] = set()
        self._hinted: dict[int, int] = {}  # while somebody enters: the last places of any conversation
        self._looked_at = timezone.now()

    @property
    def user_ids(self) -> set[int]:
        return set(self._members)

    def enter(self, member: Member) -> None:
        """From here on it hears frames; what it follows is said by `follow`, after which it has entered."""
        self._members[member.user_id].add(member)
        self._entering.add(member)

    def follow(self, member: Member, places: dict[int, int]) -> None:
        """Have it told everything that happens in these conversations after these places."""
        for conversation_id, place in places.items():
            self._followers[conversation_id].add(member)
            self._stream(conversation_id, at=place).reach(self._hinted.get(conversation_id, 0))
        self._entered(member)

    def leave(self, member: Member) -> None:
        self._entered(member)
        self._members[member.user_id].discard(member)
        if not self._members[member.user_id]:
            del self._members[member.user_id]
        for conversation_id in [key for key, followers in self._followers.items() if member in followers]:
            self._unfollow(member, conversation_id)

    def hear(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "frame":
                for member in self._among(message["to"]):
                    member.hear(message["text"], message.get("needs"))
            case "happened":
                self._happened(message["conversation"], message["seq"], message["newcomers"])

    def lose(self) -> None:
        for member in self._among(tuple(self._members)):
            member.lose()

    async def look(self) -> None:
        """Find what no hint told of: one that was published into a broken redis, or never, by a process that died."""
        since, now = self._looked_at - LOOK_BACK, timezone.now()
        for place in await for_all(changes.active_since, self.workspace_id, self.user_ids, since):
            self._bring_in(place.conversation_id, [place.user_id], at=place.read_seq)
            if place.conversation_id in self._streams:
                self._streams[place.conversation_id].reach(place.seq)
        self._looked_at = now

    def _happened(self, conversation_id: int, seq: int, newcomers: list[int]) -> None:
        if self._entering:
            self._hinted[conversation_id] = max(seq, self._hinted.get(conversation_id, 0))
        self._bring_in(conversation_id, newcomers, at=seq)
        if conversation_id in self._streams:
            self._streams[conversation_id].reach(seq)

    def _stream(self, conversation_id: int, *, at: int) -> Stream:
        if conversation_id not in self._streams:
            self._streams[conversation_id] = Stream(self.workspace_id, conversation_id, at=at, tell=self._tell)
        return self._streams[conversation_id]

    def _tell(self, told: Told) -> None:
        followers = self._followers[told.conversation_id]
        for member in [each for each in followers if each.user_id not in told.members]:
            followers.discard(member)
            member.forget(told)
        for member in self._among(told.members):
            followers.add(member)
            member.follow(told)
        if not followers:
            self._drop(told.conversation_id)

    def _among(self, user_ids: Iterable[int]) -> list[Member]:
        return [member for user_id in user_ids for member in self._members.get(user_id, ())]

    def _bring_in(self, conversation_id: int, user_ids: Iterable[int], *, at: int) -> None:
        """Have a conversation told from this place on if any of these people has a socket that does not know it."""
        followers = self._followers.get(conversation_id, set())
        if any(each not in followers and each not in self._entering for each in self._among(user_ids)):
            self._stream(conversation_id, at=at - 1).go_back(at - 1)

    def _entered(self, member: Member) -> None:
        self._entering.discard(member)
        if not self._entering:
            self._hinted.clear()

    def _unfollow(self, member: Member, conversation_id: int) -> None:
        self._followers[conversation_id].discard(member)
        if not self._followers[conversation_id]:
            self._drop(conversation_id)

    def _drop(self, conversation_id: int) -> None:
        self._followers.pop(conversation_id, None)
        if (stream := self._streams.pop(conversation_id, None)) is not None:
            stream.close()


class Audiences:
    """Those of one process."""

    def __init__(self) -> None:
        self._feeds = Feeds()
        self._audiences: dict[int, Audience] = {}
        self._looking: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def joined(self, workspace_id: int, member: Member) -> AsyncIterator[Audience]:
        """Within it the member hears. Raises `feeds.Lost` if nothing can be heard."""
        audience = self._audiences.setdefault(workspace_id, Audience(workspace_id))
        audience.enter(member)
        try:
            async with self._feeds.following(live.group_of(workspace_id), audience):
                if self._looking is None or self._looking.done():
                    self._looking = asyncio.create_task(self._look_on())
                yield audience
        finally:
            audience.leave(member)
            if not audience.user_ids:
                self._audiences.pop(workspace_id, None)

    async def _look_on(self) -> None:
        while self._audiences:
            await asyncio.sleep(LOOK_EVERY)
            for audience in tuple(self._audiences.values()):
                try:
                    await audience.look()
                except (Error, InterfaceError) as problem:
                    logger.warning("What no hint told of is looked for later: %s", problem)
                except Exception:
                    logger.exception("What no hint told of was not looked for")
