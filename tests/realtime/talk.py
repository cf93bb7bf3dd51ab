"""What the tests of conversations share: people whose messages are committed, and clients that follow them."""

import json
from typing import Any

from websockets.sync.client import ClientConnection

from tests.realtime.served import frame


def until(client: ClientConnection, type_: str) -> dict[str, Any]:
    """The next frame of a type; others are passed over."""
    while (found := frame(client))["type"] != type_:
        continue
    return found


def say(client: ClientConnection, **question: Any) -> None:
    client.send(json.dumps(question))


def ready(client: ClientConnection) -> dict[int, dict[str, Any]]:
    """The conversations that the server begins with, by id."""
    return {each["id"]: each for each in frame(client)["conversations"]}
