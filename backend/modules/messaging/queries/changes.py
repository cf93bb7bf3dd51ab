"""What happened in a conversation since a place, for those who follow it over a socket.

Everything that happens takes a place of its own. A message that was sent since is told of at its place, with its state
of now; an older one that was changed at the place of its last change, and so is the conversation itself. So the places
that are told of grow, and whoever has been told up to one goes on from there.

The rows are read without a transaction, the conversation first: what is read after it may be newer, and is then told of
again at its later place.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, Q

from backend.core.actor import Actor
from backend.modules.messaging import queries
from backend.modules.messaging.models import Conversation, Message, Participant
from backend.modules.messaging.queries import messages

AT_ONCE = 100  # messages


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened at the places `after` < place <= `upto`; `head` is the place of what happened last of all.

    `conversation` is as it is now, with its `participants`. `messages` are the rows of those that were sent or changed
    there, in the order in which they were sent.
    """

    after: int
    upto: int
    head: int
    conversation: dict[str, Any]
    messages: list[dict[str, Any]]

    @property
    def concerns_conversation(self) -> bool:
        return self.after < self.conversation["changed_seq"] <= self.upto


def since(workspace_id: int, conversation_id: int, after: int, known: dict[str, Any] | None = None) -> Changes | None:
    """The next changes of a conversation, a hundred places at most; None if there is no such conversation.

    Whoever takes part may see them, and nobody else: `conversation` says who does. `known` is the conversation as it
    was found before: who takes part is asked for only if it has changed since.
    """
    actor = Actor.system(workspace_id)
    found = Conversation.objects.of(actor).filter(pk=conversation_id).values("id", *queries.ROW, **queries.NAMES)
    conversation = found.first()
    if conversation is None:
        return None
    head = conversation["last_seq"]
    upto = min(head, after + AT_ONCE)
    if known is not None and known["changed_seq"] == conversation["changed_seq"]:
        conversation["participants"] = known["participants"]
    else:
        conversation["participants"] = queries.participants(actor, [conversation_id])[conversation_id]
    return Changes(after, upto, head, conversation, _messages(actor, conversation_id, after, upto))


class Place(NamedTuple):
    """Up to where a conversation has come, and one of its participants has read."""

    conversation_id: int
    seq: int
    user_id: int
    read_seq: int


def active_since(workspace_id: int, user_ids: set[int], moment: datetime) -> list[Place]:
    """How far the conversations of these people are in which something happened since a moment."""
    rows = Participant.objects.of(Actor.system(workspace_id)).filter(
        user_id__in=user_ids, left_at=None, conversation__active_at__gte=moment
    )
    names = ("conversation_id", "conversation__last_seq", "user_id", "read_seq")
    return [Place(*row) for row in rows.order_by("conversation_id", "read_seq").values_list(*names)]


def _messages(actor: Actor, conversation_id: int, after: int, upto: int) -> list[dict[str, Any]]:
    places = Q(seq__gt=after, seq__lte=upto) | Q(changed_seq__gt=after, changed_seq__lte=upto)
    rows = Message.objects.of(actor).filter(places, conversation_id=conversation_id)
    found = list(rows.order_by("seq").values("id", *messages.ROW, **messages.NAMES, reply_seq=F("reply_to__seq")))
    messages.describe(actor, found)
    return found
