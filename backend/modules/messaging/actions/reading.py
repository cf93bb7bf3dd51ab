"""Having read: everybody has a place up to which they have."""

from django.db.models import Q
from django.utils import timezone

from backend.core import listing, preconditions
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.identity import queries as identity
from backend.modules.messaging import queries, telling
from backend.modules.messaging.models import Conversation, Message, Participant
from backend.modules.messaging.permissions import USE
from backend.modules.messaging.queries import messages

AT_ONCE = 500  # messages


def page(actor: Actor, conversation_id: int, filters: messages.Filters, wanted: listing.Window) -> listing.Page:
    """A page of messages, which the caller has read up to its last one now. Nothing is written where they had before.

    Raises `NotFound` and `UnknownMessage`.
    """
    found = messages.page(actor, conversation_id, filters, wanted)
    last = max((row["seq"] for row in found.rows), default=0)
    if last > queries.read_seq(actor, conversation_id):
        mark_read(actor, conversation_id, seq=last)
    return found


@action("conversation.read", needs=USE)
def mark_read(actor: Actor, conversation_id: int, *, seq: int | None = None) -> int:
    """Note that the caller has read everything up to this place, or all. Answers up to where they have read.

    A place beyond the last one is the last one; one that lies behind changes nothing. Raises `NotFound`.
    """
    found = Conversation.objects.of(actor).select_for_update(of=("self",)).filter(pk=conversation_id).first()
    own = queries.participations(actor).filter(conversation_id=conversation_id).first()
    if found is None or own is None:
        raise NotFound(record="conversation", id=conversation_id)
    preconditions.compare(found.version)
    upto = found.last_seq if seq is None else min(seq, found.last_seq)
    if upto <= own.read_seq:
        return int(own.read_seq)
    own.read_seq = upto
    own.save()
    settle(actor, conversation_id)
    frame = {"type": "read", "conversation": conversation_id, "user": actor.user_id, "seq": upto}
    telling.tell(actor, queries.participant_ids(actor, conversation_id), frame)
    return upto


def settle(actor: Actor, conversation_id: int) -> None:
    """Note the moment on the messages that everybody but their sender has read now. The conversation is held.

    What somebody wrote waits for the slowest of the others: for all but the slowest reader that is the slowest
    reader, for the slowest one it is the second slowest. Nobody waits for who may not act in the workspace.
    """
    people = Participant.objects.of(actor).filter(
        conversation_id=conversation_id, left_at=None, user_id__in=identity.who_is_active(actor).values("user_id")
    )
    slowest = list(people.order_by("read_seq", "id").values_list("user_id", "read_seq")[:2])
    if not slowest:
        return
    last, reach = slowest[0]
    read = Q(seq__lte=reach) & ~Q(sender_id=last)
    if len(slowest) > 1:
        read |= Q(seq__lte=slowest[1][1], sender_id=last)
    rows, now = Message.objects.of(actor), timezone.now()
    waiting = rows.filter(read, conversation_id=conversation_id, read_at=None).order_by("seq")
    while batch := list(waiting[:AT_ONCE]):
        for message in batch:
            message.read_at = now
        rows.bulk_update(batch, ["read_at"])
