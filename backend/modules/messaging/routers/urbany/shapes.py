"""What conversations and messages look like on the wire (urbany.md, "MENSAJERÍA")."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from django.utils import timezone
from pydantic import Field

from backend.core import folding
from backend.dialects.wire import Made, Versioned, Vocabulary, Wire


def _words(*words: str) -> Vocabulary:
    return Vocabulary({word: word for word in words})


Kind = Annotated[str, _words("direct", "group", "support", "announcement")]
MessageKind = Annotated[str, _words("text", "image", "file")]
ReactionKind = Annotated[str, _words("like", "love", "laugh", "wow", "sad", "angry")]
SubjectKind = Annotated[str, _words("contact", "opportunity", "contract")]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AGES = ((365 * DAY, "año", "años"), (30 * DAY, "mes", "meses"), (DAY, "día", "días"), (HOUR, "hora", "horas"))


def time_ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago a moment was: `ahora`, `hace 5 minutos`, `hace 6 horas`, `hace un mes`."""
    age = (now or timezone.now()) - moment
    for length, one, many in (*AGES, (MINUTE, "minuto", "minutos")):
        if (count := age // length) > 0:
            article = "una" if one == "hora" else "un"
            return f"hace {article} {one}" if count == 1 else f"hace {count} {many}"
    return "ahora"


class Person(Wire):
    user_id: int = Field(alias="id", examples=[2])
    email: str = Field(examples=["maria@urbany.com"])
    first_name: str = Field(examples=["María"])
    last_name: str = Field(examples=["García"])


class Subject(Wire):
    """El registro del que trata una conversación."""

    kind: SubjectKind = Field(alias="type", examples=["contract"])
    record_id: int = Field(alias="id", examples=[26])


class Conversation(Versioned):
    id: int = Field(examples=[16])
    title: str = Field(
        description="De una sin título, «Conversación con …» o «Soporte para …»", examples=["Proyecto Casa Modelo"]
    )
    kind: Kind = Field(alias="conversation_type", examples=["group"])
    participants: list[Person]
    creator_email: str | None = Field(alias="created_by", examples=["admin@urbany.com"])
    subject: Subject | None = Field(alias="about", description="De qué registro trata")
    last_seq: int = Field(alias="seq", description="El lugar de lo último que pasó; véase `/ws/`", examples=[57])
    is_active: bool
    created_at: datetime

    @classmethod
    def seen_by(cls, user_id: int | None, row: dict[str, Any], **more: Any) -> Self:
        """As this person sees it: the title of a conversation without one names the others."""
        subject = None
        if row["subject_id"] is not None:
            subject = Subject.of({"kind": row["subject_kind"], "record_id": row["subject_id"]})
        return cls.of(
            row | {"participants": [Person.of(each) for each in row["participants"]]},
            title=title_for(user_id, row),
            subject=subject,
            **more,
        )


def title_for(user_id: int | None, row: dict[str, Any]) -> str:
    """The title, or what takes its place where there is none."""
    if row["title"]:
        return str(row["title"])
    if row["kind"] == "support":
        creator = next((each for each in row["participants"] if each["user_id"] == row["created_by_id"]), None)
        return f"Soporte para {name_of(creator)}" if creator else "Soporte"
    others = [name_of(each) for each in row["participants"] if each["user_id"] != user_id]
    return f"Conversación con {', '.join(others)}"


def name_of(person: dict[str, Any]) -> str:
    return folding.join_name(person["first_name"], person["last_name"]) or str(person["email"])


class CreatedConversation(Conversation, Made):
    """The same; of a direct one that was there already as a 200."""


class LastMessage(Wire):
    id: int = Field(examples=[25])
    content: str = Field(examples=["¿Podemos revisar el contrato mañana?"])
    sender_email: str = Field(alias="sender", examples=["maria@urbany.com"])
    created_at: datetime


class ListedConversation(Conversation):
    last_message: LastMessage | None
    unread: int = Field(alias="unread_count", examples=[2])

    @classmethod
    def listed_for(cls, user_id: int | None, row: dict[str, Any]) -> Self:
        last = row["last_message"]
        return cls.seen_by(user_id, row | {"last_message": LastMessage.of(last) if last else None})


class Reaction(Wire):
    user_email: str = Field(alias="user", examples=["maria@urbany.com"])
    kind: ReactionKind = Field(alias="reaction_type", examples=["like"])


class Attachment(Wire):
    attachment_id: int = Field(alias="id")
    filename: str = Field(examples=["plano.pdf"])
    content_type: str = Field(examples=["application/pdf"])
    size: int = Field(description="En bytes", examples=[52_428])
    address: str = Field(
        alias="url", description="Descarga el archivo, cinco minutos", examples=["https://crm.example/files/eyJr…"]
    )


class RepliedTo(Wire):
    id: int = Field(examples=[25])
    content: str = Field(examples=["¿Podemos revisar el contrato mañana?"])
    sender_email: str = Field(alias="sender", examples=["maria@urbany.com"])


class Message(Versioned):
    id: int = Field(examples=[160])
    conversation_id: int = Field(alias="conversation", examples=[1])
    seq: int = Field(description="Su lugar en la conversación", examples=[57])
    sender: Person
    client_id: str | None = Field(description="Como lo llama el cliente que lo envió", examples=["b2c9…"])
    kind: MessageKind = Field(alias="message_type", examples=["text"])
    content: str = Field(examples=["Perfecto, nos vemos mañana a las 10 AM"])
    attachment: Attachment | None
    reply_to: RepliedTo | None
    reactions: list[Reaction]
    is_read: bool = Field(description="Lo leyeron todos los demás")
    read_at: datetime | None = Field(description="Cuándo lo leyó el último")
    time_ago: str = Field(examples=["hace 6 horas"])
    is_edited: bool
    is_deleted: bool = Field(description="Se eliminó: no tiene texto ni archivo")
    created_at: datetime

    @classmethod
    def sent(cls, row: dict[str, Any], *, base: str, **more: Any) -> Self:
        """A row as a query answers it; `base` is put before the addresses of files that this server keeps itself."""
        attachment, reply_to = None, None
        if row["address"] is not None:
            attachment = Attachment.of(row, address=_absolute(base, row["address"]))
        if row["reply_to_id"] is not None:
            reply_to = RepliedTo.of(
                {
                    "id": row["reply_to_id"],
                    "content": row["reply_content"],
                    "sender_email": row["reply_sender_email"],
                }
            )
        sender = {name: row[f"sender_{name}"] for name in ("email", "first_name", "last_name")}
        return cls.of(
            row | {"reactions": [Reaction.of(each) for each in row["reactions"]]},
            sender=Person.of(sender | {"user_id": row["sender_id"]}),
            attachment=attachment,
            reply_to=reply_to,
            is_read=row["read_at"] is not None,
            time_ago=time_ago(row["created_at"]),
            is_edited=row["edited_at"] is not None,
            is_deleted=row["deleted_at"] is not None,
            **more,
        )


class SentMessage(Message, Made):
    """The same; of one that was sent already under its `client_id` as a 200."""


def _absolute(base: str, address: str) -> str:
    return f"{base}{address}" if address.startswith("/") else address
