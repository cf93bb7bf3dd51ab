"""What happened in a conversation, as frames: made once for all sockets of the process that are to have them."""

from collections.abc import Iterator
from typing import Any

import orjson

from backend.dialects.wire import Wire
from backend.modules.messaging.queries import changes
from backend.modules.messaging.queries.changes import Changes
from backend.modules.messaging.routers.urbany.shapes import Conversation, Message, title_for


class Told:
    """The frames for the places `after` < place <= `upto`; `head` is the place of what happened last of all.

    `members` take part now, and nobody else may have the frames.
    """

    __slots__ = ("_changes", "_messages", "_records", "after", "conversation_id", "head", "members", "upto")

    def __init__(self, found: Changes) -> None:
        self._changes = found
        self.conversation_id: int = found.conversation["id"]
        self.after, self.upto, self.head = found.after, found.upto, found.head
        self.members = frozenset(each["user_id"] for each in found.conversation["participants"])
        self._messages: dict[int, list[tuple[int, str]]] = {}  # by the place after which they are told
        self._records: dict[tuple[str, int, str], str] = {}
        self._beyond(found.after)  # for nearly everybody, and not in the event loop

    @property
    def conversation(self) -> dict[str, Any]:
        return self._changes.conversation

    @property
    def conversation_changed_at(self) -> int | None:
        return self.conversation["changed_seq"] if self._changes.concerns_conversation else None

    def beyond(self, place: int, user_id: int) -> Iterator[str]:
        """The frames for what happened after a place, in order, as this person sees them."""
        changed_at = self.conversation_changed_at
        is_due = changed_at is not None and changed_at > place
        for seq, text in self._beyond(place):
            if is_due and changed_at is not None and changed_at < seq:
                yield self.of_conversation("conversation.updated", user_id, changed_at)
                is_due = False
            yield text
        if is_due and changed_at is not None:
            yield self.of_conversation("conversation.updated", user_id, changed_at)

    def of_conversation(self, type_: str, user_id: int, seq: int) -> str:
        title = title_for(user_id, self.conversation)  # all that is not the same for everybody
        key = type_, seq, title
        if key not in self._records:
            record = _json(Conversation.seen_by(user_id, self.conversation))
            frame = {"type": type_, "conversation": self.conversation_id, "seq": seq, "record": record}
            self._records[key] = _text(frame)
        return self._records[key]

    def _beyond(self, place: int) -> list[tuple[int, str]]:
        if place not in self._messages:
            self._messages[place] = sorted(_messages(self._changes, place))
        return self._messages[place]


def since(workspace_id: int, conversation_id: int, after: int, last: Told | None = None) -> Told | None:
    """What happened next in a conversation after a place; None if there is no such conversation.

    `last` is what was told of it before.
    """
    found = changes.since(workspace_id, conversation_id, after, None if last is None else last.conversation)
    return None if found is None else Told(found)


def of_message(row: dict[str, Any]) -> orjson.Fragment:
    """A message as REST shows it; the address of a file that this server keeps begins with `/`."""
    return _json(Message.sent(row, base=""))


def _messages(found: Changes, place: int) -> Iterator[tuple[int, str]]:
    """Those that were sent after a place, and of the others those that were changed after it."""
    for row in found.messages:
        if place < row["seq"]:
            yield row["seq"], _of_message("message.created", row, row["seq"])
        elif place < row["changed_seq"] <= found.upto:
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
