"""Reading messages: those of the caller's own conversations, and no others."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from backend.core import listing, search
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.listing import Window
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.attachments import queries as attachments
from backend.modules.messaging import errors, queries
from backend.modules.messaging.models import Message, Reaction
from backend.modules.messaging.permissions import USE

ROW = (
    "conversation_id",
    "seq",
    "changed_seq",
    "is_reaction_last",
    "sender_id",
    "client_id",
    "kind",
    "content",
    "attachment_id",
    "reply_to_id",
    "read_at",
    "edited_at",
    "deleted_at",
    "created_at",
    "version",
)
NAMES: dict[str, Any] = {
    "sender_email": F("sender__email"),
    "sender_first_name": F("sender__first_name"),
    "sender_last_name": F("sender__last_name"),
    "filename": F("attachment__filename"),
    "content_type": F("attachment__content_type"),
    "size": F("attachment__size"),
    "reply_content": F("reply_to__content"),
    "reply_sender_email": F("reply_to__sender__email"),
}
FOUND = ("conversation_id", "kind", "content", "created_at")
ORDERINGS = {"seq": "seq"}  # whose order is that of the moments and ids, too


@dataclass(frozen=True, slots=True)
class Filters:
    """Which messages of a conversation: those before and after the messages of these ids; None does not narrow."""

    before: int | None = None
    after: int | None = None


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """The messages of the conversations in which the caller takes part now."""
    return Message.objects.of(actor).filter(conversation__in=queries.visible_to(actor))


def page(actor: Actor, conversation_id: int, filters: Filters, wanted: Window) -> listing.Page:
    """The messages of a conversation, oldest first unless an ordering is wanted.

    Raises `NotFound`, and `UnknownMessage` about the filter that names none of this conversation.
    """
    actor.require(USE)
    queries.check(actor, conversation_id)
    rows = Message.objects.of(actor).filter(conversation_id=conversation_id)
    if filters.before is not None:
        rows = rows.filter(seq__lt=_place_of(actor, conversation_id, filters.before, field="before"))
    if filters.after is not None:
        rows = rows.filter(seq__gt=_place_of(actor, conversation_id, filters.after, field="after"))
    ordered = listing.order(rows, wanted, ORDERINGS, default="seq")
    found = listing.page(ordered, wanted, count=listing.count_up_to_bound(rows), fields=ROW, **NAMES)
    describe(actor, found.rows)
    return found


def place_of(actor: Actor, conversation_id: int, message_id: int) -> int:
    """The place of a message of a conversation. Raises `NotFound`, and `UnknownMessage` about `message_id`."""
    actor.require(USE)
    queries.check(actor, conversation_id)
    return _place_of(actor, conversation_id, message_id, field="message_id")


def _place_of(actor: Actor, conversation_id: int, message_id: int, *, field: str) -> int:
    rows = Message.objects.of(actor).filter(conversation_id=conversation_id, pk=message_id)
    found: int | None = rows.values_list("seq", flat=True).first()
    if found is None:
        error = errors.UnknownMessage(id=message_id)
        error.field = field
        raise error
    return found


def get(actor: Actor, message_id: int) -> dict[str, Any]:
    """One message. Raises `NotFound`."""
    actor.require(USE)
    found = list(visible_to(actor).filter(pk=message_id).values("id", *ROW, **NAMES))
    if not found:
        raise NotFound(record="message", id=message_id)
    describe(actor, found)
    return found[0]


def find(actor: Actor, filters: "SearchFilters", wanted: Window) -> listing.Page:
    """The caller's messages that have every word of the term, newest first. Deleted ones are not found.

    Each has the row of its `conversation`, with its participants.
    """
    actor.require(USE)
    conditions = {"conversation_id": filters.conversation_id, "kind": filters.kind}
    rows = visible_to(actor).filter(**{name: value for name, value in conditions.items() if value is not None})
    rows = search.narrow(rows.filter(deleted_at=None), filters.term)
    ordered = rows.order_by("-created_at", "-id")
    names = {"sender_email": F("sender__email"), "title": F("conversation__title")}
    names |= {"conversation_kind": F("conversation__kind"), "creator_id": F("conversation__created_by_id")}
    found = listing.page(ordered, wanted, count=listing.count_up_to_bound(rows), fields=FOUND, **names)
    people = queries.participants(actor, {row["conversation_id"] for row in found.rows})
    for row in found.rows:
        row["participants"] = people[row["conversation_id"]]
    return found


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """What is looked for, and where; None does not narrow."""

    term: str
    conversation_id: int | None = None
    kind: str | None = None


def reactions(actor: Actor, message_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The reactions to each of these messages, in the order in which they came."""
    rows = Reaction.objects.of(actor).filter(message__in=list(message_ids)).order_by("id")
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.values("message_id", "kind", "created_at", user_email=F("user__email")):
        found[row["message_id"]].append(row)
    return found


def own_reaction(actor: Actor, message_id: int, kind: str) -> dict[str, Any]:
    """The caller's reaction of this kind. Raises `NotFound`."""
    rows = Reaction.objects.of(actor).filter(message__in=visible_to(actor).filter(pk=message_id), kind=kind)
    found = rows.filter(user_id=actor.user_id).values("kind", "created_at", user_email=F("user__email")).first()
    if found is None:
        raise NotFound(record="reaction", id=kind)
    return found


def describe(actor: Actor, rows: Iterable[dict[str, Any]]) -> None:
    """Add the `reactions` and the `address` of the file, with two statements at most for any number of messages."""
    found = list(rows)
    changed = [row["id"] for row in found if row["changed_seq"] > row["seq"]]  # a reaction is a change
    given = reactions(actor, changed) if changed else {}
    files = {row["attachment_id"] for row in found if row["attachment_id"] is not None}
    addresses = attachments.addresses(actor, files) if files else {}
    for row in found:
        row["reactions"] = given.get(row["id"], [])
        row["address"] = addresses.get(row["attachment_id"])
