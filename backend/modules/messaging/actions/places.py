"""The places of a conversation: each thing that happens takes the next one, under the conversation's lock."""

from collections.abc import Collection

from django.utils import timezone

from backend.core import preconditions
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.identity import queries as identity
from backend.modules.messaging import errors, queries, telling
from backend.modules.messaging.actions import reading
from backend.modules.messaging.models import Conversation, Kind, Participant
from backend.modules.messaging.permissions import USE


def hold(actor: Actor, conversation_id: int, *, is_named: bool = True) -> Conversation:
    """The conversation, in which nothing else happens until the transaction ends.

    The caller's `If-Match`, if any, is about it, unless what was named is one of its messages. Raises `NotFound` and
    `Stale`.
    """
    rows = queries.visible_to(actor).select_for_update(of=("self",))
    conversation: Conversation | None = rows.filter(pk=conversation_id).first()
    if conversation is None or not queries.participations(actor).filter(conversation_id=conversation_id).exists():
        raise NotFound(record="conversation", id=conversation_id)  # who left while this waited is not in it either
    if is_named:
        preconditions.compare(conversation.version)
    return conversation


def take(
    actor: Actor, conversation: Conversation, *, newcomers: Collection[int] = (), changes_conversation: bool = False
) -> int:
    """The next place of a conversation that is held; whoever follows it is told after the commit."""
    conversation.last_seq += 1
    conversation.active_at = timezone.now()
    if changes_conversation:
        conversation.changed_seq = conversation.last_seq
    conversation.save()
    telling.happened(actor, conversation.pk, conversation.last_seq, newcomers=newcomers)
    return conversation.last_seq


def governs(actor: Actor, conversation: Conversation) -> bool:
    """Whether the caller opened it or is an administrator."""
    return actor.user_id == conversation.created_by_id or identity.is_administrator(actor)


def check_writer(actor: Actor, conversation: Conversation) -> None:
    """Raises `ReadersOnly` for an announcement of somebody else."""
    if conversation.kind == Kind.ANNOUNCEMENT and not governs(actor, conversation):
        raise errors.ReadersOnly(permission=USE)


def take_out(actor: Actor, conversation: Conversation, user_id: int) -> None:
    """Have somebody take part no more. Raises `NotFound`."""
    rows = Participant.objects.of(actor).filter(conversation=conversation, left_at=None)
    participant: Participant | None = rows.select_for_update(of=("self",)).filter(user_id=user_id).first()
    if participant is None:
        raise NotFound(record="participant", id=user_id)
    participant.left_at = timezone.now()
    participant.save()
    conversation.is_active = rows.exists()
    take(actor, conversation, changes_conversation=True)
    reading.settle(actor, conversation.pk)
    telling.tell(actor, [user_id], {"type": "conversation.left", "conversation": conversation.pk})
