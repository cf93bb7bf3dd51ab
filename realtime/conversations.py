"""The frames with which a client writes, reads, types and catches up."""

from typing import Annotated, Any, cast

from pydantic import Field, StrictBool, StringConstraints

from backend.core import live
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.dialects.wire import Id, Text
from backend.modules.messaging import queries
from backend.modules.messaging.actions import messages, reading
from backend.modules.messaging.permissions import USE
from backend.modules.messaging.queries import messages as message_queries
from backend.modules.messaging.routers.urbany.shapes import MessageKind
from realtime import frames
from realtime.protocol import Frame, Reply, Visitor, answers
from realtime.threads import in_thread

Place = Annotated[int, Field(ge=0, le=2**63 - 1, strict=True)]


class Send(Frame):
    conversation: Id
    content: Annotated[Text, StringConstraints(max_length=messages.LONGEST)] = ""
    client_id: Annotated[Text, StringConstraints(min_length=1, max_length=64)] | None = None
    reply_to_id: Id | None = Field(None, alias="reply_to")
    kind: MessageKind = Field("text", alias="message_type")
    key: Annotated[Text, StringConstraints(max_length=200)] | None = Field(None, alias="attachment")


class Typing(Frame):
    conversation: Id
    typing: StrictBool = True


class Read(Frame):
    conversation: Id
    seq: Place


class Sync(Frame):
    conversation: Id
    after: Place


@answers("message.send", Send)
async def send(visitor: Visitor, frame: Send) -> Reply:
    """Write into a conversation. Under the same `client_id` a message is stored once, whichever way it is sent."""
    return await in_thread(_send, visitor.actor, frame)


@answers("typing", Typing)
async def typing(visitor: Visitor, frame: Typing) -> Reply:
    """The person types, or has stopped: the others are told. The same again within two seconds is not passed on."""
    if visitor.typing.is_news(frame.conversation, frame.typing):
        await in_thread(_tell_of_typing, visitor.actor, frame)
    return {"type": "ack", "conversation": frame.conversation}


@answers("read", Read)
async def read(visitor: Visitor, frame: Read) -> Reply:
    """The person has read everything up to a place."""
    seq = await in_thread(lambda: reading.mark_read(visitor.actor, frame.conversation, seq=frame.seq))
    return {"type": "ack", "conversation": frame.conversation, "seq": seq}


@answers("sync", Sync)
async def sync(visitor: Visitor, frame: Sync) -> Reply:
    """Be told everything that happened after a place, once and in order, before this is answered."""
    actor = visitor.actor
    actor.require(USE)
    reads = await in_thread(_reads, actor, frame.conversation)
    place = await visitor.places.replay(frame.conversation, frame.after)  # and nothing else before the answer
    return {"type": "synced", "conversation": frame.conversation, "seq": place, "reads": reads}


def _send(actor: Actor, frame: Send) -> Reply:
    sent = messages.send(
        actor,
        frame.conversation,
        content=frame.content,
        kind=frame.kind,
        reply_to_id=frame.reply_to_id,
        client_id=frame.client_id,
        key=frame.key,
    )
    row = message_queries.get(actor, sent.message_id)
    seq = row["seq"]
    return {"type": "ack", "conversation": frame.conversation, "seq": seq, "message": frames.of_message(row)}


def _tell_of_typing(actor: Actor, frame: Typing) -> None:
    actor.require(USE)
    people = queries.participant_ids(actor, frame.conversation)
    if actor.user_id not in people:
        raise NotFound(record="conversation", id=frame.conversation)
    told = {"type": "typing", "conversation": frame.conversation, "user": actor.user_id, "typing": frame.typing}
    others = [user_id for user_id in people if user_id != actor.user_id]
    live.tell_all(cast(int, actor.workspace_id), others, told, needs=USE)


def _reads(actor: Actor, conversation_id: int) -> list[dict[str, Any]]:
    people = queries.participants(actor, [conversation_id])[conversation_id]
    return [{"user": each["user_id"], "seq": each["read_seq"]} for each in people]
