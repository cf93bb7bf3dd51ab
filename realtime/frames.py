"""What happened in a conversation, as frames: made once for all sockets of the process that are to have them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from backend.dialects.wire import Wire
from backend.modules.messaging.queries import changes
from backend.modules.messaging.queries.changes import Changes
from backend.modules.messaging.routers.urbany.shapes import Conversation, Message


@dataclass(frozen=True, slots=True)
class Told:
    """The frames for the places `after` < place <= `upto`; `head` is the place of what happened last of all.

    `members` take part now, and nobody else may have the frames.
    """

    conversation_id: int
    after: int
    upto: int
    head: int
    members: frozenset[int]
    conversation: dict[str, Any]
    messages: list[tuple[int, str]]
    conversation_changed_at: int | None

    def beyond(self, place: int, user_id: int) -> Iterator[str]:
        """The frames for what happened after a place, in order, as this person sees them."""
        changed_at = self.conversation_changed_at
        for seq, text in self.messages:
            if changed_at is not None and changed_at < seq:
                if changed_at > place:
                    yield self.of_conversation("conversation.updated", user_id, changed_at)
                changed_at = None
            if seq > place:
                yield text
        if changed_at is not None and changed_at > place:
            yield self.of_conversation("conversation.updated", user_id, changed_at)

    def of_conversation(self, type_: str, user_id: int, seq: int) -> str:
        record = Conversation.seen_by(user_id, self.conversation)
        return _text({"type": type_, "conversation": self.conversation_id, "seq": seq, "record": _json(record)})


def since(workspace_id: int, conversation_id: int, after: int) -> Told | None:
    """What happened next in a conversation after a place; None if there is no such conversation."""
    found = changes.since(workspace_id, conversation_id, after)
    if found is None:
        return None
    return Told(
        conversation_id,
        found.after,
        found.upto,
        found.head,
        members=frozenset(each["user_id"] for each in found.conversation["participants"]),
        conversation=found.conversation,
        messages=sorted(_messages(found)),
        conversation_changed_at=found.conversation["changed_seq"] if found.concerns_conversation else None,
    )


def of_message(row: dict[str, Any]) -> orjson.Fragment:
    """A message as REST shows it; the address of a file that this server keeps begins with `/`."""
    return _json(Message.sent(row, base=""))


def _messages(found: Changes) -> Iterator[tuple[int, str]]:
    for row in found.sent:
        yield row["seq"], _of_message("message.created", row, row["seq"])
    for row in found.changed:
        yield row["changed_seq"], _of_message(_change_of(row), row, row["changed_seq"])


def _change_of(row: dict[str, Any]) -> str:
    if row["deleted_at"] is not None:
        return "message.deleted"
    return "message.reacted" if row["is_reaction_last"] else "message.updated"


def _of_message(type_: str, row: dict[str, Any], seq: int) -> str:
    return _text({"type": type_, "conversation": row["conversation_id"], "seq": seq, "message": of_message(row)})


def _json(shape: Wire) -> orjson.Fragment:
    return orjson.Fragment(shape.model_dump_json(by_alias=True))


def _text(frame: dict[str, Any]) -> str:
    return orjson.dumps(frame).decode()
