"""How much somebody writes and is written to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count as CountRows
from django.db.models import F
from django.utils import timezone

from backend.core.actor import Actor
from backend.modules.messaging import queries
from backend.modules.messaging.models import Kind, Message
from backend.modules.messaging.permissions import USE

TOP = 5
LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Statistics:
    """The caller's conversations and messages; days are the workspace's.

    `top_contacts` are the five who wrote most in the caller's conversations within thirty days, each with
    `message_count`.
    """

    by_kind: Mapping[str, int]
    unread: int
    sent_today: int
    received_today: int
    top_contacts: list[dict[str, Any]]

    @property
    def total(self) -> int:
        return sum(self.by_kind.values())


def get(actor: Actor) -> Statistics:
    """Counted now, over the conversations in which the caller takes part."""
    actor.require(USE)
    own = queries.visible_to(actor)
    kinds: dict[str, int] = dict(own.order_by().values_list("kind").annotate(rows=CountRows("id")))
    messages = Message.objects.of(actor).filter(conversation__in=own, deleted_at=None)
    today = messages.filter(created_at__gte=actor.start_of(actor.today))
    sent = today.filter(sender_id=actor.require_user()).count()
    return Statistics(
        by_kind={kind: kinds.get(kind, 0) for kind in Kind.values},
        unread=sum(queries.unread_counts(actor, own.values("pk")).values()),
        sent_today=sent,
        received_today=today.count() - sent,
        top_contacts=_top_contacts(actor, messages),
    )


def _top_contacts(actor: Actor, messages: Any) -> list[dict[str, Any]]:
    lately = messages.filter(created_at__gte=timezone.now() - LATELY).exclude(sender_id=actor.user_id)
    people = {name: F(f"sender__{name}") for name in ("email", "first_name", "last_name")}
    counted = lately.values("sender_id", **people).annotate(message_count=CountRows("id"))
    return list(counted.order_by("-message_count", "sender_id")[:TOP])
