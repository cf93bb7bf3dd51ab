"""What happens in one conversation, in order and without a hole: from the rows, when a hint says that there is more.

Hints may be lost, doubled and out of order. One that says a place that was not told of yet has the rows asked for
everything up to there.
"""

import asyncio
import logging
from collections.abc import Callable

from django.db import Error, InterfaceError

from realtime import frames
from realtime.frames import Told
from realtime.threads import for_all

PAUSE = 1.0  # seconds until a database that did not answer is asked again

logger = logging.getLogger(__name__)


class Stream:
    """It tells everything after the place at which it begins. `tell` may not wait for anything."""

    __slots__ = ("_conversation_id", "_head", "_last", "_task", "_tell", "_told", "_workspace_id")

    def __init__(self, workspace_id: int, conversation_id: int, *, at: int, tell: Callable[[Told], None]) -> None:
        self._workspace_id, self._conversation_id, self._tell = workspace_id, conversation_id, tell
        self._told = self._head = at
        self._last: Told | None = None
        self._task: asyncio.Task[None] | None = None

    def reach(self, place: int) -> None:
        """Something stands at this place by now."""
        self._head = max(self._head, place)
        if self._head > self._told and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._go_on())

    def go_back(self, place: int) -> None:
        """Tell what happened after this place, though it was told before."""
        self._told = min(self._told, place)

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _go_on(self) -> None:
        while (hinted := self._head) > (told := self._told):
            try:
                found = await for_all(frames.since, self._workspace_id, self._conversation_id, told, self._last)
            except (Error, InterfaceError) as problem:
                logger.warning("What happened in conversation %s can't be told yet: %s", self._conversation_id, problem)
                await asyncio.sleep(PAUSE)
                continue
            if self._told < told:
                continue
            if found is not None and found.upto > told:
                self._told, self._head, self._last = found.upto, max(self._head, found.head), found
                self._tell(found)
            elif self._head == hinted:  # by a hint of something that is not there
                self._head = self._told
