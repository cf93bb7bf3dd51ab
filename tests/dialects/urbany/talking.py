"""Conversations and messages, as the tests of this dialect ask for them."""

import re
from typing import Any

ROOM = "/api/mensajes/"
TALKS, STATS, SEARCH = (f"{ROOM}{name}/" for name in ("conversations", "stats", "search"))
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
CREATED = {
    "id", "title", "conversation_type", "participants", "created_by", "about", "seq", "is_active", "created_at",
}  # fmt: skip
LISTED = CREATED | {"last_message", "unread_count"}
MESSAGE = {
    "id", "conversation", "seq", "sender", "client_id", "message_type", "content", "attachment", "reply_to",
    "reactions", "is_read", "read_at", "time_ago", "is_edited", "is_deleted", "created_at",
}  # fmt: skip


def talk(conversation: Any) -> str:
    """The address of a conversation: its id, or what the API answered."""
    return f"{TALKS}{conversation['id'] if isinstance(conversation, dict) else conversation}/"


def message(sent: Any) -> str:
    """The address of a message."""
    return f"{ROOM}messages/{sent['id'] if isinstance(sent, dict) else sent}/"


def person(who: Any) -> dict[str, Any]:
    """How somebody is shown."""
    return {
        "id": who.user.pk,
        "email": who.user.email,
        "first_name": who.user.first_name,
        "last_name": who.user.last_name,
    }


def opened(who: Any, *others: Any, **fields: Any) -> dict[str, Any]:
    """A conversation made through the API."""
    body = {"title": "Casa Modelo", "conversation_type": "group", "participants": [each.user.pk for each in others]}
    answer = who.post(TALKS, body | fields)
    assert answer.status_code == 201, answer.content
    return answer.json()


def sent(who: Any, conversation: Any, content: str = "Hola", **fields: Any) -> dict[str, Any]:
    """A message sent through the API."""
    answer = who.post(f"{talk(conversation)}messages/", {"content": content} | fields)
    assert answer.status_code == 201, answer.content
    return answer.json()


def page(who: Any, conversation: Any, query: str = "") -> dict[str, Any]:
    """A page of messages, which marks it read."""
    answer = who.get(f"{talk(conversation)}messages/?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def contents(found: dict[str, Any]) -> list[str]:
    return [row["content"] for row in found["results"]]


def listed(who: Any, query: str = "") -> list[int]:
    """The ids of the conversations on a page."""
    answer = who.get(f"{TALKS}?{query}")
    assert answer.status_code == 200, answer.content
    assert answer.json()["count"] == len(answer.json()["results"])
    return [row["id"] for row in answer.json()["results"]]


def one(who: Any, conversation: Any) -> dict[str, Any]:
    answer = who.get(talk(conversation))
    assert answer.status_code == 200, answer.content
    return answer.json()
