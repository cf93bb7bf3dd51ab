"""Telling the sockets of a workspace what just happened. What is told is a hint: what is lost is nowhere stored.

It is published with one plain client per process, in the form in which a channel layer publishes to a group. Through
the layer itself every call of a thread without an event loop would open a connection to redis, and close it.
"""

import json
import logging
import time
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import redis
from channels.layers import get_channel_layer
from channels_redis.utils import _consistent_hash
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from redis.backoff import NoBackoff
from redis.retry import Retry

PATIENCE = 1.0  # seconds that redis may take to answer
QUIET = 15.0  # times as long as it took, nobody asks a redis again that has just not answered
PAUSE = 1.0  # seconds of that at least: one that refuses costs nothing, and may be back soon
WARN_EVERY = 15.0  # seconds

logger = logging.getLogger(__name__)
_silent_until = _warned_until = 0.0


def group_of(workspace_id: int) -> str:
    """The group of all processes that have sockets of a workspace."""
    return f"workspace.{workspace_id}"


def place_of(group: str) -> tuple[str, str]:
    """The redis through which a group is told things, and the name of its channel there."""
    channel = f"asgi__group__{group}"
    configured: Any = settings.CHANNEL_LAYERS["default"]
    hosts = configured["CONFIG"]["hosts"]
    return hosts[_consistent_hash(channel, len(hosts))], channel


def tell(workspace_id: int, user_id: int, frame: Mapping[str, Any]) -> None:
    """Send a frame, which has a `type`, to all sockets of the person in the workspace. Call it after the commit.

    Never raises: while redis does not answer, nobody is told, and the log has one warning in fifteen seconds.
    """
    tell_all(workspace_id, [user_id], frame)


def tell_all(
    workspace_id: int, user_ids: Collection[int], frame: Mapping[str, Any], *, needs: str | None = None
) -> None:
    """The same to the sockets of several people: of those who hold the permission `needs`."""
    try:
        text = json.dumps(frame, cls=DjangoJSONEncoder, allow_nan=False)
    except (TypeError, ValueError):
        logger.exception("The frame %s is no JSON", frame.get("type"))
        return
    if user_ids:
        message = {"type": "frame", "to": list(user_ids), "text": text}
        publish(workspace_id, message if needs is None else message | {"needs": needs})


def publish(workspace_id: int, message: dict[str, Any]) -> None:
    """Have every process that has sockets of the workspace hear a message, which has a `type`. Never raises."""
    if (began := time.monotonic()) < _silent_until:
        return
    host, channel = place_of(group_of(workspace_id))
    layer: Any = get_channel_layer()
    try:
        _client(host).publish(channel, layer.serialize(message))
    except redis.RedisError as problem:
        _be_silent(began, problem)


def _be_silent(began: float, problem: Exception) -> None:
    global _silent_until, _warned_until
    now = time.monotonic()
    _silent_until = now + max(PAUSE, (now - began) * QUIET)
    if now >= _warned_until:
        _warned_until = now + WARN_EVERY
        logger.warning("redis does not answer, so nobody is told over their sockets: %s", problem)


@cache
def _client(host: str) -> redis.Redis:
    patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
    return redis.Redis.from_url(host, **patience)
