"""Up to where a socket has been told what happened, in each conversation of its person's."""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import Error, InterfaceError

from backend.core.errors import NotFound
from realtime import frames
from realtime.closing import Closed, Code
from realtime.frames import Told
from realtime.outbox import Outbox
from realtime.threads import in_thread

HOLD = 0.5  # seconds in which a client may begin, or go on, to say after which places it wants to be told
HOLD_AT_MOST = 5.0


class Behind(NamedTuple):
    """What a socket was not told: the places `after` < place <= `upto`."""

    after: int
    upto: int


class Places:
    """Whatever happens is told once and in order: what was told already is left out, what is missing is looked up.

    At first what happens waits, in the database: a client that was away is told what it missed before what is new.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._workspace_id = self._user_id = 0
        self._places: dict[int, int] = {}
        self._behind: dict[int, Behind] = {}
        self._is_behind = asyncio.Event()
        self._replaying = asyncio.Lock()
        self._synced: set[int] | None = set()  # while what happens waits: where it does not
        self._held_until = self._held_at_most = 0.0

    def begin(self, workspace_id: int, user_id: int, positions: list[dict[str, Any]]) -> dict[int, int]:
        """Go on from the places that `ready` has said. Answers them."""
        self._workspace_id, self._user_id = workspace_id, user_id
        self._places = {each["id"]: each["seq"] for each in positions}
        self._behind = {key: each for key, each in self._behind.items() if self._places.get(key, 0) < each.upto}
        self._held_at_most = asyncio.get_running_loop().time() + HOLD_AT_MOST
        self._hold()
        return dict(self._places)

    def tell(self, told: Told) -> None:
        """What happened, as far as it was not told yet; not at once where it has to wait, or something is missing.

        Raises `asyncio.QueueFull`.
        """
        key = told.conversation_id
        place = self._places.get(key)
        if place is not None and place >= told.upto and key not in self._behind:
            return
        is_held = self._synced is not None and key not in self._synced
        if is_held or key in self._behind or (place is not None and place < told.after):
            self._note(told)
            return
        for text in self._frames(told, place):
            self._outbox.put(text)
        self._places[key] = told.upto

    def forget(self, told: Told) -> None:
        """Its person takes part no more; a replay that runs has to see that."""
        self._places.pop(told.conversation_id, None)
        if told.conversation_id in self._behind:
            self._note(told)

    async def replay(self, conversation_id: int, after: int) -> int:
        """Tell everything after a place. Answers up to where was told.

        Raises `NotFound` for a conversation in which its person does not take part, and `Closed`.
        """
        async with self._replaying:
            self._places[conversation_id] = after
            self._behind[conversation_id] = Behind(after, 0)  # a place beyond the end is the end
            place = await self._catch_up(conversation_id)
        self._hold()
        if place is None:
            raise NotFound(record="conversation", id=conversation_id)
        if self._synced is not None:
            self._synced.add(conversation_id)
        return place

    async def keep_up(self) -> None:
        """Tell what could not be told at once, for as long as the socket lasts. Raises `Closed`."""
        while (seconds := self._held_until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(seconds)
        self._synced = None
        while True:
            async with self._replaying:
                for conversation_id in tuple(self._behind):
                    await self._catch_up(conversation_id)
            if not self._behind:
                self._is_behind.clear()
            await self._is_behind.wait()

    async def _catch_up(self, conversation_id: int) -> int | None:
        """Tell a conversation up to its end; None if its person takes no part. What happens meanwhile waits."""
        place, told = self._places.get(conversation_id), None
        try:
            while told is None or told.upto < max(told.head, self._behind[conversation_id].upto):
                after = self._behind[conversation_id].after if place is None else place
                told = await in_thread(frames.since, self._workspace_id, conversation_id, after, told)
                if told is None or self._user_id not in told.members:
                    self._leave(conversation_id, told)
                    return None
                for text in self._frames(told, place):
                    await self._outbox.put_in_turn(text)
                self._places[conversation_id] = place = told.upto
            del self._behind[conversation_id]
            return place
        except asyncio.QueueFull:
            raise Closed(Code.TOO_SLOW) from None
        except (Error, InterfaceError) as problem:
            raise Closed(Code.UNAVAILABLE) from problem

    def _leave(self, conversation_id: int, told: Told | None) -> None:
        """Its person takes no part at this place; they may have been brought in again since."""
        self._places.pop(conversation_id, None)
        behind = self._behind.pop(conversation_id)
        if told is not None and told.upto < behind.upto:
            self._behind[conversation_id] = Behind(told.upto, behind.upto)
            self._is_behind.set()

    def _frames(self, told: Told, place: int | None) -> Iterator[str]:
        if place is None:
            place = told.conversation_changed_at or told.after
            yield told.of_conversation("conversation.created", self._user_id, place)
        yield from told.beyond(place, self._user_id)

    def _note(self, told: Told) -> None:
        after, upto = self._behind.get(told.conversation_id, Behind(told.after, 0))
        self._behind[told.conversation_id] = Behind(after, max(upto, told.upto))
        self._is_behind.set()

    def _hold(self) -> None:
        self._held_until = min(asyncio.get_running_loop().time() + HOLD, self._held_at_most)
