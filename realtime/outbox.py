"""What waits until a client reads it."""

import asyncio

MOST_WAITING = 256  # frames


class Outbox:
    """Frames in order. What happens now is put in at once or not at all; what is looked up waits for room."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._has_room = asyncio.Event()
        self._has_room.set()

    def put(self, text: str) -> None:
        """Raises `asyncio.QueueFull`: the client does not read."""
        self._frames.put_nowait(text)
        if self._frames.qsize() >= MOST_WAITING // 2:
            self._has_room.clear()

    async def put_in_turn(self, text: str) -> None:
        """Wait until half of the room is free, which leaves the other half to what happens meanwhile."""
        await self._has_room.wait()
        self.put(text)

    async def get(self) -> str:
        text = await self._frames.get()
        if self._frames.qsize() < MOST_WAITING // 2:
            self._has_room.set()
        return text
