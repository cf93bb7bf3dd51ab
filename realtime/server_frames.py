"""The frames that the server sends, as the AsyncAPI document shows them.

Nobody builds a frame from these: it would cost each socket what each process does once. The tests of the socket hold
every frame that they get against them.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field

from backend.modules.messaging.routers.urbany.presence import Status, UserStatus
from backend.modules.messaging.routers.urbany.shapes import Conversation, Message
from backend.modules.notifications.routers.crisol import Notification

Seq = Annotated[int, Field(description="A place in the conversation", examples=[57])]
Rows = Annotated[int, Field(ge=0, examples=[4000])]
MAY_LACK: Any = Field(default=None)  # the frame has the field or not; where it has it, it is of the type


class Me(BaseModel):
    id: int = Field(examples=[7])
    username: str = Field(examples=["alice"])
    name: str = Field(examples=["Alice Quispe"])


class Position(BaseModel):
    """A conversation in which one takes part: the place of what happened last, and how many messages are unread."""

    id: int = Field(examples=[16])
    seq: Seq
    unread: int = Field(ge=0, examples=[2])


class Reader(BaseModel):
    """Up to where somebody has read."""

    user: int = Field(examples=[7])
    seq: Seq


class Ready(BaseModel):
    """The socket is open, and what happens from now on is told. The first frame."""

    type: Literal["ready"]
    user: Me
    conversations: list[Position]


class Answer(BaseModel):
    """`id` is that of the frame that is answered, if it had one."""

    id: int | str = MAY_LACK


class Ack(Answer):
    """What was asked is done.

    After `message.send` with the stored message, after `read` with the place reached, after `presence.set` with what
    one is shown as.
    """

    type: Literal["ack"]
    conversation: int = MAY_LACK
    seq: Seq = MAY_LACK
    message: Message = MAY_LACK
    presence: UserStatus = MAY_LACK


class Synced(Answer):
    """Everything after the place that was asked for has been told up to `seq`; `reads` is who has read how far."""

    type: Literal["synced"]
    conversation: int = Field(examples=[16])
    seq: Seq
    reads: list[Reader]


class Pong(Answer):
    """The answer to `ping`."""

    type: Literal["pong"]


class Error(Answer):
    """A frame could not be answered; the socket lives on. `details` has the reasons by field."""

    type: Literal["error"]
    code: str = Field(examples=["not_found"])
    message: str = Field(examples=["Not found."])
    details: dict[str, list[str]] = MAY_LACK


class OfMessage(BaseModel):
    conversation: int = Field(examples=[16])
    seq: Seq
    message: Message


class MessageCreated(OfMessage):
    """Somebody wrote."""

    type: Literal["message.created"]


class MessageUpdated(OfMessage):
    """A message was written anew."""

    type: Literal["message.updated"]


class MessageDeleted(OfMessage):
    """A message was deleted: it stays in its place, empty."""

    type: Literal["message.deleted"]


class MessageReacted(OfMessage):
    """Somebody reacted to a message, or took a reaction back."""

    type: Literal["message.reacted"]


class OfConversation(BaseModel):
    conversation: int = Field(examples=[16])
    seq: Seq
    record: Conversation


class ConversationCreated(OfConversation):
    """One takes part in a conversation from now on: a new one, or one to which somebody was added."""

    type: Literal["conversation.created"]


class ConversationUpdated(OfConversation):
    """Other people take part in the conversation now."""

    type: Literal["conversation.updated"]


class ConversationLeft(BaseModel):
    """One takes part no more: nothing is told of it from here on."""

    type: Literal["conversation.left"]
    conversation: int = Field(examples=[16])


class Read(BaseModel):
    """Somebody has read everything up to a place; oneself too, perhaps in another window. It takes no place."""

    type: Literal["read"]
    conversation: int = Field(examples=[16])
    user: int = Field(examples=[7])
    seq: Seq


class Typing(BaseModel):
    """Somebody else types, or has stopped."""

    type: Literal["typing"]
    conversation: int = Field(examples=[16])
    user: int = Field(examples=[7])
    typing: bool


class PresenceChanged(BaseModel):
    """Somebody with whom one shares a conversation, or oneself, is shown as something else."""

    type: Literal["presence.changed"]
    user: int = Field(examples=[7])
    email: str = Field(examples=["maria@urbany.com"])
    status: Status = Field(examples=["busy"])
    custom_message: str = Field(examples=["En reunión hasta las 18:00"])
    last_seen: datetime | None


class Notified(BaseModel):
    """The person has a new notification, as `GET /api/notifications/{id}/` shows it."""

    type: Literal["notification"]
    notification: Notification
    unread: int = Field(ge=0, examples=[3])


class NotificationsRead(BaseModel):
    """They read one (`id`), or all up to one (`up_to`), or all (`up_to` is null)."""

    type: Literal["notifications_read"]
    id: int = MAY_LACK
    up_to: int | None = MAY_LACK
    unread: int = Field(ge=0, examples=[2])


class ExportProgress(BaseModel):
    """How far an export of theirs is, about once a second."""

    type: Literal["export.progress"]
    export: int = Field(examples=[12])
    rows_done: Rows
    rows_total: Rows


class OfExport(BaseModel):
    export: int = Field(examples=[12])
    source: str = Field(examples=["sales.empresas"])
    format: str = Field(examples=["csv"])
    rows: Rows


class ExportReady(OfExport):
    """Its file is there: `GET /api/exports/{id}/` has the link."""

    type: Literal["export.ready"]


class ExportFailed(OfExport):
    """It failed for good; `reason` is a code."""

    type: Literal["export.failed"]
    reason: str = Field(examples=["permission_denied"])


class ExportCancelled(OfExport):
    """Somebody cancelled it, perhaps in another window."""

    type: Literal["export.cancelled"]


MODELS: tuple[type[BaseModel], ...] = (
    Ready,
    Ack,
    Synced,
    Pong,
    Error,
    MessageCreated,
    MessageUpdated,
    MessageDeleted,
    MessageReacted,
    ConversationCreated,
    ConversationUpdated,
    ConversationLeft,
    Read,
    Typing,
    PresenceChanged,
    Notified,
    NotificationsRead,
    ExportProgress,
    ExportReady,
    ExportFailed,
    ExportCancelled,
)
FRAMES = {get_args(model.model_fields["type"].annotation)[0]: model for model in MODELS}
