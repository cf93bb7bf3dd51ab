"""What waits until a client reads it."""

import asyncio
from collections import deque

MOST_WAITING = 256  # frames
LONGEST = 4 * 1024 * 1024  # characters of all that waits
MOST_IN_TURN, LONGEST_IN_TURN = MOST_WAITING // 2, LONGEST // 16
PATIENCE = 60.0  # seconds in which a client has to read something


class Outbox:
    """Frames in order. What happens now is put in at once or not at all; what is looked up waits for room."""

    def __init__(self) -> None:
        self._frames: deque[str] = deque()
        self._length = 0
        self._has_some, self._has_room = asyncio.Event(), asyncio.Event()
        self._note()

    def put(self, text: str) -> None:
        """Raises `asyncio.QueueFull`: the client does not read."""
        if len(self._frames) >= MOST_WAITING or (self._frames and self._length + len(text) > LONGEST):
            raise asyncio.QueueFull
        self._frames.append(text)
        self._length += len(text)
        self._note()

    def put_first(self, text: str) -> None:
        """Before all that waits."""
        self._frames.appendleft(text)
        self._length += len(text)
        self._note()

    async def put_in_turn(self, text: str) -> None:
        """Wait for room, and leave enough to what happens meanwhile. Raises `asyncio.QueueFull` after a while."""
        try:
            while not self._has_room.is_set():
                await asyncio.wait_for(self._has_room.wait(), PATIENCE)
        except TimeoutError:
            raise asyncio.QueueFull from None
        self.put(text)

    async def get(self) -> str:
        while not self._frames:
            await self._has_some.wait()
        text = self._frames.popleft()
        self._length -= len(text)
        self._note()
        return text

    def _note(self) -> None:
        _set(self._has_some, bool(self._frames))
        _set(self._has_room, len(self._frames) < MOST_IN_TURN and self._length < LONGEST_IN_TURN)


def _set(event: asyncio.Event, is_so: bool) -> None:
    if is_so:
        event.set()
    else:
        event.clear()
