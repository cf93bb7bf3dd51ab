"""Messages: sending them, and changing or deleting one's own for a while."""

from datetime import timedelta
from typing import NamedTuple, NotRequired, TypedDict, Unpack

from django.utils import timezone

from backend.core import search
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.attachments import actions as attachments
from backend.modules.attachments.actions import Announced, Kept, Presigned
from backend.modules.attachments.queries import AlreadyConfirmed
from backend.modules.messaging import errors, queries
from backend.modules.messaging.actions import places
from backend.modules.messaging.models import Conversation, Message, MessageKind, Reaction
from backend.modules.messaging.permissions import USE
from backend.modules.messaging.queries import messages

CHANGED_WITHIN = timedelta(minutes=15)
LONGEST = 10_000  # characters


class Draft(TypedDict):
    """What is to be sent. `client_id` is what the sender's client calls it, `key` that of a file that was uploaded."""

    content: str
    kind: NotRequired[str]
    reply_to_id: NotRequired[int | None]
    client_id: NotRequired[str | None]
    key: NotRequired[str | None]


class Sent(NamedTuple):
    """A message, and whether it is there just now: under the same `client_id` it is sent once."""

    message_id: int
    is_new: bool


@action("conversation.announce_file", needs=USE)
def presign(actor: Actor, conversation_id: int, **file: Unpack[Announced]) -> Presigned:
    """Announce the file of a message and learn where to send it.

    Raises `NotFound`, `ReadersOnly`, `FileTypeNotAllowed`, `NoFilename` and `FileTooLarge`.
    """
    places.check_writer(actor, places.hold(actor, conversation_id))
    return attachments.presign_of(actor, subject_kind=queries.SUBJECT, subject_id=conversation_id, **file)


def send(actor: Actor, conversation_id: int, **draft: Unpack[Draft]) -> Sent:
    """Write into a conversation. Of a file the storage is asked outside of any transaction of this function's.

    Raises `NotFound`, `ReadersOnly`, `EmptyMessage`, `FileMissing`, `NotAnImage`, `UnknownReply`, and what
    `attachments.keep` raises.
    """
    actor.require(USE)
    queries.check(actor, conversation_id)
    return _send(actor, conversation_id, draft=draft, kept=_kept(actor, conversation_id, draft))


@action("message.send", needs=USE)
def _send(actor: Actor, conversation_id: int, *, draft: Draft, kept: Kept | None) -> Sent:
    """Store it, at the next place."""
    conversation = places.hold(actor, conversation_id)
    if (known := _sent_as(actor, conversation_id, draft)) is not None:
        return Sent(known, is_new=False)
    places.check_writer(actor, conversation)
    kind, content = draft.get("kind", MessageKind.TEXT), draft["content"]
    _check(actor, conversation, draft)
    seq = places.take(actor, conversation)
    message: Message = Message.objects.of(actor).new(
        conversation=conversation,
        seq=seq,
        changed_seq=seq,
        sender_id=actor.require_user(),
        client_id=draft.get("client_id"),
        kind=kind,
        content=content,
        reply_to_id=draft.get("reply_to_id"),
        search_text=search.text(content),
    )
    if kept is not None:
        message.attachment = attachments.attach(actor, kept.attachment_id, size=kept.size)
        if kind == MessageKind.IMAGE and not message.attachment.content_type.startswith("image/"):
            raise errors.NotAnImage(content_type=message.attachment.content_type)
    message.save()
    return Sent(message.pk, is_new=True)


@action("message.edit", needs=USE)
def edit(actor: Actor, message_id: int, *, content: str) -> None:
    """Write one's own message anew, within a quarter of an hour; the ledger keeps what it said.

    Raises `NotFound`, `NotTheSender`, `MessageDeleted`, `TooLateToChange` and `EmptyMessage`.
    """
    conversation, message = _own(actor, message_id)
    if not content and message.attachment_id is None:
        raise errors.EmptyMessage
    if content == message.content:
        return
    message.content, message.search_text, message.edited_at = content, search.text(content), timezone.now()
    _place_change(actor, conversation, message)


@action("message.delete", needs=USE)
def delete(actor: Actor, message_id: int) -> None:
    """Delete one's own message, within a quarter of an hour: it stays as deleted, without its text, file and reactions.

    Raises `NotFound`, `NotTheSender`, `MessageDeleted` and `TooLateToChange`.
    """
    conversation, message = _own(actor, message_id)
    attachment_id = message.attachment_id
    message.content = message.search_text = ""
    message.attachment, message.deleted_at = None, timezone.now()
    Reaction.objects.of(actor).filter(message=message).delete()
    _place_change(actor, conversation, message)
    if attachment_id is not None:
        attachments.discard(actor, attachment_id)


@action("message.react", needs=USE)
def react(actor: Actor, message_id: int, *, kind: str) -> bool:
    """Say what one thinks of a message; answers whether one has not said so before.

    Raises `NotFound` and `MessageDeleted`.
    """
    conversation, message = _standing(actor, message_id)
    rows = Reaction.objects.of(actor).filter(message=message, user_id=actor.require_user(), kind=kind)
    if rows.exists():
        return False
    rows.create(message=message, user_id=actor.require_user(), kind=kind)
    _place_change(actor, conversation, message, is_reaction=True)
    return True


@action("message.remove_reaction", needs=USE)
def remove_reaction(actor: Actor, message_id: int, *, kind: str) -> None:
    """Take a reaction back. Raises `NotFound`, for the reaction as well, and `MessageDeleted`."""
    conversation, message = _standing(actor, message_id)
    reaction = Reaction.objects.of(actor).filter(message=message, user_id=actor.require_user(), kind=kind).first()
    if reaction is None:
        raise NotFound(record="reaction", id=kind)
    reaction.delete()
    _place_change(actor, conversation, message, is_reaction=True)


def _kept(actor: Actor, conversation_id: int, draft: Draft) -> Kept | None:
    """The file of what is to be sent; None where there is none, and where the message is there already."""
    key = draft.get("key")
    if key is None or _sent_as(actor, conversation_id, draft) is not None:
        return None
    try:
        return attachments.keep(actor, subject_kind=queries.SUBJECT, subject_id=conversation_id, key=key)
    except AlreadyConfirmed:
        if _sent_as(actor, conversation_id, draft) is None:
            raise
        return None  # the same message, sent twice at once


def _sent_as(actor: Actor, conversation_id: int, draft: Draft) -> int | None:
    """The message that the caller sent under the same `client_id` before."""
    client_id = draft.get("client_id")
    if client_id is None:
        return None
    rows = Message.objects.of(actor).filter(conversation_id=conversation_id, sender_id=actor.require_user())
    found: int | None = rows.filter(client_id=client_id).values_list("pk", flat=True).first()
    return found


def _check(actor: Actor, conversation: Conversation, draft: Draft) -> None:
    kind, has_file = draft.get("kind", MessageKind.TEXT), draft.get("key") is not None
    if has_file is (kind == MessageKind.TEXT):
        raise errors.FileMissing(kind=kind)
    if not draft["content"] and not has_file:
        raise errors.EmptyMessage
    reply_to_id = draft.get("reply_to_id")
    own = Message.objects.of(actor).filter(conversation=conversation)
    if reply_to_id is not None and not own.filter(pk=reply_to_id).exists():
        raise errors.UnknownReply(id=reply_to_id)


def _standing(actor: Actor, message_id: int) -> tuple[Conversation, Message]:
    """A message that was not deleted, and its conversation, both held."""
    found = messages.visible_to(actor).filter(pk=message_id).values_list("conversation_id", flat=True).first()
    if found is None:
        raise NotFound(record="message", id=message_id)
    conversation = places.hold(actor, found, is_named=False)
    message: Message = Message.objects.of(actor).filter(conversation=conversation).lock(message_id)
    if message.deleted_at is not None:
        raise errors.MessageDeleted
    return conversation, message


def _own(actor: Actor, message_id: int) -> tuple[Conversation, Message]:
    """The same of one that the caller may still change."""
    conversation, message = _standing(actor, message_id)
    if message.sender_id != actor.user_id:
        raise errors.NotTheSender(permission="self")
    if timezone.now() - message.created_at > CHANGED_WITHIN:
        raise errors.TooLateToChange(minutes=CHANGED_WITHIN // timedelta(minutes=1))
    return conversation, message


def _place_change(actor: Actor, conversation: Conversation, message: Message, *, is_reaction: bool = False) -> None:
    message.changed_seq = places.take(actor, conversation)
    message.is_reaction_last = is_reaction
    message.save()
