"""Looking every few seconds whether those who have a socket may keep it: all of a process together.

A look of each socket by itself would open a connection to the database for one statement.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import Protocol

from backend.modules.identity.tokens import Claims
from realtime import auth
from realtime.auth import Verdict
from realtime.protocol import Code

CHECK_EVERY = 5.0  # seconds from one look to the next
PATIENCE = 30.0  # seconds that the database may take to answer
AT_ONCE = 100  # sockets that one thread looks at before it lets another work

logger = logging.getLogger(__name__)


class Watched(Protocol):
    claims: Claims

    def judge(self, verdict: Verdict) -> None:
        """Take notice of what was found. It may not wait for anything."""


class Watch:
    def __init__(self) -> None:
        self._watched: set[Watched] = set()
        self._task: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def over(self, one: Watched) -> Iterator[None]:
        self._watched.add(one)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_on())
        try:
            yield
        finally:
            self._watched.discard(one)

    async def _look_on(self) -> None:
        while self._watched:
            await asyncio.sleep(CHECK_EVERY)
            everybody = tuple(self._watched)
            for start in range(0, len(everybody), AT_ONCE):
                await self._look_at(everybody[start : start + AT_ONCE])

    async def _look_at(self, some: tuple[Watched, ...]) -> None:
        try:
            verdicts = await asyncio.wait_for(auth.check([each.claims for each in some]), PATIENCE)
        except TimeoutError:
            verdicts = [Code.UNAVAILABLE] * len(some)
        except Exception:
            logger.exception("Nobody knows whether %s sockets may stay open", len(some))
            verdicts = [Code.UNAVAILABLE] * len(some)
        for each, verdict in zip(some, verdicts, strict=True):
            each.judge(verdict)
