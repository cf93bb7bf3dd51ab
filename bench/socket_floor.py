"""What a fan-out costs at least: an ASGI application that sends on what redis has, to all its sockets that listen.

It asks nobody who they are and reads no database. What one of its clients sends is published as it is, and each process
sends what it hears to each of its sockets whose token is `member`.
"""

import asyncio
import os
from typing import Any

from redis import asyncio as aioredis

CHANNEL = "bench.floor"
_members: set[Any] = set()
_started: dict[str, Any] = {}


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body"})
        return
    await receive()
    if "redis" not in _started:
        _started["redis"] = aioredis.Redis.from_url(os.environ["REDIS_URL"])
        _started["task"] = asyncio.create_task(listen())
    await send({"type": "websocket.accept", "subprotocol": "crisol.v1"})
    await send({"type": "websocket.send", "text": '{"type":"ready"}'})
    if "bearer.member" in scope["subprotocols"]:
        _members.add(send)
    try:
        while (message := await receive())["type"] != "websocket.disconnect":
            await _started["redis"].publish(CHANNEL, message["text"])
    finally:
        _members.discard(send)


async def listen() -> None:
    heard = _started["redis"].pubsub(ignore_subscribe_messages=True)
    await heard.subscribe(CHANNEL)
    async for message in heard.listen():
        text = message["data"].decode()
        for send in tuple(_members):
            await send({"type": "websocket.send", "text": text})
