"""Conversations: opening them, and who takes part."""

from collections.abc import Collection
from typing import NamedTuple

from django.db import IntegrityError, transaction

from backend.core import search
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.constraints import violates
from backend.core.errors import PermissionDenied
from backend.modules.identity import queries as identity
from backend.modules.messaging import errors, subjects
from backend.modules.messaging.actions import places
from backend.modules.messaging.models import Conversation, Kind, Participant
from backend.modules.messaging.permissions import USE

MOST_PARTICIPANTS = 1000
TITLED = (Kind.GROUP, Kind.ANNOUNCEMENT)


class Subject(NamedTuple):
    """The record that a conversation is about: a kind of `subjects.KINDS`, and its id."""

    kind: str
    record_id: int


class Opened(NamedTuple):
    """A conversation, and whether it is there just now."""

    conversation_id: int
    is_new: bool


@action("conversation.create", needs=USE)
def create(
    actor: Actor, *, kind: str, title: str = "", participant_ids: Collection[int] = (), subject: Subject | None = None
) -> Opened:
    """Open a conversation of the caller with these people; of a direct one there is one alone for each two.

    Nobody named: support asks the administrators, an announcement goes to every active member.
    Raises `UnknownParticipant`, `NobodyToTalkTo`, `NotAPair`, `TooManyParticipants`, `TitleMissing` and
    `UnknownSubject`.
    """
    if kind in TITLED and not title:
        raise errors.TitleMissing
    people = _people(actor, kind, participant_ids)
    if subject is not None and not subjects.is_visible(actor, *subject):
        raise errors.UnknownSubject(kind=subject.kind, id=subject.record_id)
    pair = _pair(actor.require_user(), people, subject) if kind == Kind.DIRECT else None
    if pair is not None and (found := _of_pair(actor, pair)) is not None:
        return Opened(found, is_new=False)
    conversation: Conversation = Conversation.objects.of(actor).new(
        kind=kind, title=title, pair=pair, created_by_id=actor.user_id, search_text=search.text(title)
    )
    if subject is not None:
        conversation.subject_kind, conversation.subject_id = subject
    try:
        with transaction.atomic():
            conversation.save()
    except IntegrityError as error:
        if pair is not None and violates(error, Conversation, "conversations_pair"):
            return Opened(Conversation.objects.of(actor).get(pair=pair).pk, is_new=False)
        raise
    _bring_in(actor, conversation, [actor.require_user(), *people])
    return Opened(conversation.pk, is_new=True)


@action("conversation.add_participants", needs=USE)
def add_participants(actor: Actor, conversation_id: int, *, participant_ids: Collection[int]) -> None:
    """Bring more people in; who is there already stays. They see what was written before, and have read it.

    In an announcement who may write there does. Raises `NotFound`, `PairIsFixed`, `ReadersOnly`, `UnknownParticipant`
    and `TooManyParticipants`.
    """
    conversation = places.hold(actor, conversation_id)
    _check_open(actor, conversation)
    _check_members(actor, participant_ids)
    there = set(Participant.objects.of(actor).filter(conversation=conversation, left_at=None).values_list("user_id"))
    new = [user_id for user_id in dict.fromkeys(participant_ids) if (user_id,) not in there]
    if len(there) + len(new) > MOST_PARTICIPANTS:
        raise errors.TooManyParticipants(limit=MOST_PARTICIPANTS)
    if new:
        _bring_in(actor, conversation, new)


@action("conversation.remove_participant", needs=USE)
def remove_participant(actor: Actor, conversation_id: int, *, user_id: int) -> None:
    """Leave a conversation; or have another leave, by who opened it or an administrator.

    Raises `NotFound` for the conversation and for who does not take part, `PairIsFixed`, and `PermissionDenied`.
    """
    conversation = places.hold(actor, conversation_id)
    if user_id != actor.user_id and not places.governs(actor, conversation):
        raise PermissionDenied(permission="messaging.use")
    if conversation.kind == Kind.DIRECT:
        raise errors.PairIsFixed
    places.take_out(actor, conversation, user_id)


def _check_open(actor: Actor, conversation: Conversation) -> None:
    """Raises `PairIsFixed` and `ReadersOnly`."""
    if conversation.kind == Kind.DIRECT:
        raise errors.PairIsFixed
    places.check_writer(actor, conversation)


def _people(actor: Actor, kind: str, participant_ids: Collection[int]) -> list[int]:
    """Everybody but the caller."""
    others = [user_id for user_id in dict.fromkeys(participant_ids) if user_id != actor.user_id]
    if not participant_ids and kind == Kind.SUPPORT:
        others = [user_id for user_id in identity.administrators(actor) if user_id != actor.user_id]
    elif not participant_ids and kind == Kind.ANNOUNCEMENT:
        others = [user_id for user_id in identity.active_members(actor) if user_id != actor.user_id]
    if kind == Kind.DIRECT and len(others) != 1:
        raise errors.NotAPair
    if not others:
        raise errors.NobodyToTalkTo
    if len(others) >= MOST_PARTICIPANTS:
        raise errors.TooManyParticipants(limit=MOST_PARTICIPANTS)
    _check_members(actor, others)
    return others


def _check_members(actor: Actor, user_ids: Collection[int]) -> None:
    known = set(identity.active_members(actor, among=user_ids))
    for user_id in user_ids:
        if user_id not in known:
            raise errors.UnknownParticipant(id=user_id)


def _pair(user_id: int, people: list[int], subject: Subject | None) -> str:
    pair = "-".join(str(each) for each in sorted([user_id, *people]))
    return pair if subject is None else f"{pair} {subject.kind} {subject.record_id}"


def _of_pair(actor: Actor, pair: str) -> int | None:
    found: int | None = Conversation.objects.of(actor).filter(pair=pair).values_list("pk", flat=True).first()
    return found


def _bring_in(actor: Actor, conversation: Conversation, user_ids: Collection[int]) -> None:
    rows = Participant.objects.of(actor)
    seq = places.take(actor, conversation, newcomers=user_ids, changes_conversation=True)
    back = {each.user_id: each for each in rows.filter(conversation=conversation, user_id__in=user_ids)}
    for each in back.values():
        each.left_at, each.read_seq = None, seq
        each.save()
    new = [user_id for user_id in user_ids if user_id not in back]
    rows.bulk_create([rows.new(conversation=conversation, user_id=user_id, read_seq=seq) for user_id in new])
