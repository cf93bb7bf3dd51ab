"""What sockets hear: one connection of the process to each redis, and who listens to which channel on it.

A channel layer would do, but for three things: it does not say when a subscription is live, nor when something may
have been lost, and what a listener has not read yet waits without bound. Here a line that breaks is thrown away, and
whoever listened on it is told to begin anew.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Protocol

import redis
from channels.layers import get_channel_layer
from redis import asyncio as aioredis
from redis.backoff import NoBackoff
from redis.retry import Retry

from backend.core import live

PATIENCE = 5.0  # seconds that redis may take to answer
HEARTBEAT = 10.0  # seconds from one question whether redis is there to the next
PAUSE = 1.0  # seconds in which nobody tries to reach a redis again that could not be reached

logger = logging.getLogger(__name__)


class Listener(Protocol):
    """Neither of the two may wait for anything."""

    def hear(self, message: dict[str, Any]) -> None: ...

    def lose(self) -> None:
        """Nothing comes any more, and something may have been missed."""


class Lost(Exception):
    """redis can't be reached, or no longer."""


class Feeds:
    """The lines of one process, a redis each."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._connecting = asyncio.Lock()
        self._down_until: dict[str, float] = {}

    @contextlib.asynccontextmanager
    async def following(self, group: str, listener: Listener) -> AsyncIterator[None]:
        """Within it the listener hears everything that the group is told. Raises `Lost` if it can't be heard."""
        host, channel = live.place_of(group)
        line = await self._line(host)
        try:
            await line.join(channel, listener)
            yield
        finally:
            await line.leave(channel, listener)

    async def _line(self, host: str) -> "Line":
        async with self._connecting:
            line = self._lines.get(host)
            if line and not line.is_broken:
                return line
            if time.monotonic() < self._down_until.get(host, 0.0):
                raise Lost
            try:
                self._lines[host] = line = await Line.open(host)
            except (redis.RedisError, OSError) as problem:
                self._down_until[host] = time.monotonic() + PAUSE
                logger.warning("redis does not answer, so sockets are turned away: %s", problem)
                raise Lost from problem
            return line


class Line:
    """One connection to redis, until it breaks."""

    def __init__(self, connection: Any) -> None:
        self.is_broken = False
        self._connection = connection
        self._listeners: dict[str, Counter[Listener]] = {}  # how often each has joined
        self._live: dict[str, asyncio.Event] = {}  # set when redis has confirmed the subscription
        self._unconfirmed: Counter[str] = Counter()
        self._heard_at = time.monotonic()
        self._reader = asyncio.create_task(self._read())
        self._heart = asyncio.create_task(self._keep_asking())

    @classmethod
    async def open(cls, host: str) -> "Line":
        options = {"protocol": 2, "socket_connect_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
        connection = aioredis.ConnectionPool.from_url(host, **options).make_connection()
        await connection.connect()
        return cls(connection)

    async def join(self, channel: str, listener: Listener) -> None:
        """Returns when redis has confirmed that whatever is published from now on arrives. Raises `Lost`."""
        if self.is_broken:
            raise Lost
        is_first = channel not in self._listeners
        self._listeners.setdefault(channel, Counter())[listener] += 1
        if is_first:
            self._live[channel] = asyncio.Event()
            self._unconfirmed[channel] += 1
            await self._send("SUBSCRIBE", channel)
        try:
            await asyncio.wait_for(self._live[channel].wait(), PATIENCE)
        except TimeoutError:
            raise Lost from None
        if self.is_broken:
            raise Lost

    async def leave(self, channel: str, listener: Listener) -> None:
        listeners = self._listeners.get(channel, Counter())
        listeners[listener] -= 1
        if listeners[listener] <= 0:
            del listeners[listener]
        if not listeners and self._listeners.pop(channel, None) is not None:
            del self._live[channel]
            await self._send("UNSUBSCRIBE", channel)

    async def _send(self, *command: str) -> None:
        """Commands leave in the order of the calls. What fails here is noticed where the answer is read."""
        if not self.is_broken and self._connection.is_connected:
            with contextlib.suppress(redis.RedisError, OSError):
                await self._connection.send_command(*command)

    async def _keep_asking(self) -> None:
        """A connection whose other end is gone without a word is noticed by its silence."""
        while time.monotonic() - self._heard_at < 2 * HEARTBEAT:
            with contextlib.suppress(TimeoutError):  # it does not even take the question: see how long it is silent
                await asyncio.wait_for(self._send("PING"), HEARTBEAT)
            await asyncio.sleep(HEARTBEAT)
        logger.warning("redis has gone silent, so sockets have to connect again")
        self._reader.cancel()

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._connection.read_response(timeout=math.inf, disconnect_on_error=False))
        except (redis.RedisError, OSError) as problem:
            logger.warning("The connection to redis broke, so sockets have to connect again: %s", problem)
        finally:
            await self._break()

    def _take(self, answer: Any) -> None:
        self._heard_at = time.monotonic()
        if not isinstance(answer, list):  # to PING, while nothing is subscribed to
            return
        kind, channel = answer[0], answer[1].decode()
        if kind == b"message":
            layer: Any = get_channel_layer()
            message = layer.deserialize(answer[2])
            for listener in tuple(self._listeners.get(channel, ())):
                listener.hear(message)
        elif kind == b"subscribe":
            self._unconfirmed[channel] -= 1
            if not self._unconfirmed[channel]:
                del self._unconfirmed[channel]
                if channel in self._live:
                    self._live[channel].set()

    async def _break(self) -> None:
        self.is_broken = True
        self._heart.cancel()
        for each in self._live.values():
            each.set()
        for listener in {each for listeners in self._listeners.values() for each in listeners}:
            listener.lose()
        await self._connection.disconnect(nowait=True)
