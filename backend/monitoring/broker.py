"""What is asked of redis itself: whether it answers, the heartbeat that passed through it, the length of its queues."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import redis
from celery import current_app
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

SECONDS = 1.0  # how long redis may take to answer
HEARTBEAT = "crisol:heartbeat"
HEARTBEAT_SECONDS = 60  # how long one heartbeat counts


@contextmanager
def connected() -> Iterator[redis.Redis]:
    """One connection that gives up soon; raises `redis.RedisError`."""
    patience = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS, "retry": Retry(NoBackoff(), 0)}
    with redis.Redis.from_url(settings.REDIS_URL, **patience) as client:
        yield client


def ping() -> None:
    with connected() as client:
        client.ping()


def beat() -> None:
    """Note that the worker lives. redis forgets it by itself, so no two clocks are compared."""
    with connected() as client:
        client.set(HEARTBEAT, "beat", ex=HEARTBEAT_SECONDS)


def has_beaten() -> bool:
    """Whether a worker did what beat asked it to within the last minute."""
    with connected() as client:
        return bool(client.exists(HEARTBEAT))


def queues() -> list[str]:
    """The queues that Celery knows: its own and those that a task is routed to."""
    routes = current_app.conf.task_routes or {}
    routed = {route["queue"] for route in routes.values() if "queue" in route} if isinstance(routes, dict) else set()
    return sorted(routed | set(current_app.amqp.queues))


def waiting() -> dict[str, int]:
    """How many tasks wait in each queue; those that a worker has fetched are not among them."""
    names = queues()
    with connected() as client, client.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.llen(name)
        return dict(zip(names, cast(list[int], pipeline.execute()), strict=True))
