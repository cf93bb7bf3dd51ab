"""An application that reads nothing from its websocket until a file is there, and then says how much it got."""

import asyncio
import os
from pathlib import Path


async def application(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while not Path(os.environ["GO_ON"]).exists():
        await asyncio.sleep(0.05)
    length = 0
    while (message := await receive()).get("text") != "end":
        length += len(message["text"])
    await send({"type": "websocket.send", "text": str(length)})
