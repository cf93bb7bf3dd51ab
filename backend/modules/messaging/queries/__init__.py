"""Reading conversations. Everybody sees those in which they take part, and no others."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count as CountRows
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from backend.core import listing, search
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.messaging.models import Conversation, Message, Participant
from backend.modules.messaging.permissions import USE

SUBJECT = "conversation"  # what attachments call one

ROW = (
    "kind",
    "title",
    "subject_kind",
    "subject_id",
    "is_active",
    "last_seq",
    "changed_seq",
    "created_by_id",
    "created_at",
    "version",
)
NAMES: dict[str, Any] = {"creator_email": F("created_by__email")}
PERSON = {name: F(f"user__{name}") for name in ("email", "first_name", "last_name")}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of conversations can be narrowed by; None and an empty term do not narrow.

    `term` is looked for in titles and in the names and addresses of the participants. `subject_kind` and `subject_id`
    name a record that they are about.
    """

    term: str = ""
    kind: str | None = None
    subject_kind: str | None = None
    subject_id: int | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """How far a conversation is: the place of what happened last, and how many messages the caller has not read."""

    conversation_id: int
    seq: int
    unread: int


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """The conversations in which the caller takes part now."""
    rows = Conversation.objects.of(actor)
    if actor.user_id is None:
        return rows.none()
    return rows.filter(pk__in=participations(actor).values("conversation_id"))


def participations(actor: Actor) -> WorkspaceQuerySet:
    """Where the caller takes part now."""
    return Participant.objects.of(actor).filter(user_id=actor.require_user(), left_at=None)


def is_readable(actor: Actor, conversation_id: int) -> bool:
    """Whether the caller may read it, and so what is attached to it; the server itself takes in what is uploaded."""
    if actor.is_system:
        return Conversation.objects.of(actor).filter(pk=conversation_id).exists()
    return actor.may(USE) and visible_to(actor).filter(pk=conversation_id).exists()


def check(actor: Actor, conversation_id: int) -> None:
    """Raises `NotFound` unless the caller takes part in it."""
    if not visible_to(actor).filter(pk=conversation_id).exists():
        raise NotFound(record="conversation", id=conversation_id)


def page(actor: Actor, filters: Filters, wanted: listing.Window) -> listing.Page:
    """The caller's conversations that match, the last active first.

    Each has its `participants`, its `last_message` or None, and how many messages the caller has not read: `unread`.
    """
    actor.require(USE)
    rows = _filtered(actor, filters)
    ordered = rows.order_by("-active_at", "-id")
    found = listing.page(ordered, wanted, count=listing.count_up_to_bound(rows), fields=ROW, **NAMES)
    _describe(actor, found.rows)
    return found


def get(actor: Actor, conversation_id: int) -> dict[str, Any]:
    """One conversation, as the list has it. Raises `NotFound`."""
    actor.require(USE)
    found = list(visible_to(actor).filter(pk=conversation_id).values("id", *ROW, **NAMES))
    if not found:
        raise NotFound(record="conversation", id=conversation_id)
    _describe(actor, found)
    return found[0]


def positions(actor: Actor) -> list[Position]:
    """How far each of the caller's conversations is."""
    seqs = dict(visible_to(actor).order_by("id").values_list("pk", "last_seq"))
    unread = unread_counts(actor, seqs)
    return [Position(key, seq, unread.get(key, 0)) for key, seq in seqs.items()]


def unread_counts(actor: Actor, conversation_ids: Collection[int] | QuerySet) -> dict[int, int]:
    """How many messages of others the caller has not read, by conversation; those with none are not in it."""
    unread = Message.objects.of(actor).filter(
        conversation__in=conversation_ids,
        conversation__participants__user_id=actor.require_user(),
        conversation__participants__left_at=None,
        seq__gt=F("conversation__participants__read_seq"),
        deleted_at=None,
    )
    counted = unread.exclude(sender_id=actor.user_id).values("conversation_id").annotate(rows=CountRows("id"))
    return {each["conversation_id"]: each["rows"] for each in counted.order_by()}


def participants(actor: Actor, conversation_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """Who takes part in each of these conversations, in the order in which they came."""
    rows = Participant.objects.of(actor).filter(conversation__in=conversation_ids, left_at=None).order_by("id")
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.values("conversation_id", "user_id", "read_seq", **PERSON):
        found[row["conversation_id"]].append(row)
    return found


def participant_ids(actor: Actor, conversation_id: int) -> list[int]:
    rows = Participant.objects.of(actor).filter(conversation_id=conversation_id, left_at=None)
    return list(rows.order_by("id").values_list("user_id", flat=True))


def read_seq(actor: Actor, conversation_id: int) -> int:
    """Up to where the caller has read a conversation. Raises `NotFound`."""
    found: int | None = (
        participations(actor).filter(conversation_id=conversation_id).values_list("read_seq", flat=True).first()
    )
    if found is None:
        raise NotFound(record="conversation", id=conversation_id)
    return found


def sharing_with(actor: Actor, user_id: int) -> list[int]:
    """Who takes part in any conversation in which this person does; the person as well, if there is one."""
    own = Participant.objects.of(actor).filter(user_id=user_id, left_at=None).values("conversation_id")
    rows = Participant.objects.of(actor).filter(conversation_id__in=own, left_at=None)
    return list(rows.order_by("user_id").values_list("user_id", flat=True).distinct())


def _filtered(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    conditions = {"kind": filters.kind, "subject_kind": filters.subject_kind, "subject_id": filters.subject_id}
    rows = visible_to(actor).filter(**{name: value for name, value in conditions.items() if value is not None})
    for word in search.words(filters.term):
        named = Participant.objects.of(actor).filter(left_at=None, user__search_text__contains=word)
        rows = rows.filter(Q(search_text__contains=word) | Q(pk__in=named.values("conversation_id")))
    return rows


def _describe(actor: Actor, rows: Iterable[dict[str, Any]]) -> None:
    """Add what the rows of a list have beside their own fields, with three statements for any number of them."""
    found = list(rows)
    keys = [row["id"] for row in found]
    people, unread, newest = participants(actor, keys), unread_counts(actor, keys), _last_messages(actor, keys)
    for row in found:
        row["participants"] = people[row["id"]]
        row["unread"] = unread.get(row["id"], 0)
        row["last_message"] = newest.get(row["id"])


def _last_messages(actor: Actor, conversation_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    messages = Message.objects.of(actor)
    newest = messages.filter(conversation_id=OuterRef("pk")).order_by("-seq").values("pk")[:1]
    keys = Conversation.objects.of(actor).filter(pk__in=conversation_ids).values(newest=Subquery(newest))
    rows = messages.filter(pk__in=keys.values("newest"))
    fields = ("conversation_id", "id", "content", "created_at")
    return {row["conversation_id"]: row for row in rows.values(*fields, sender_email=F("sender__email"))}
