"""Telling somebody what happened, and their reading of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, cast

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.core import live
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.constraints import violates
from backend.modules.notifications import rendering
from backend.modules.notifications.actions.emails import MailFile, send
from backend.modules.notifications.models import Notification
from backend.modules.notifications.queries import channels, inbox

AT_ONCE = 500  # rows of one statement


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is told: a member of the workspace, the address and the language that they are written to."""

    user_id: int
    email: str
    language: str


class Subject(NamedTuple):
    """The record that a notification is about."""

    kind: str
    record_id: int


@action("notification.notify")
def notify(
    actor: Actor,
    *,
    key: str,
    to: Reader,
    kind: str,
    facts: Mapping[str, str | date | None],
    subject: Subject | None = None,
    files: Sequence[MailFile] = (),
    is_secret: bool = False,
) -> None:
    """Tell somebody what happened over the channels that they want for its kind, in the caller's transaction.

    `key` names the event ("export/12"): nobody is told of one twice. `facts` are what the kind's templates need;
    `files` and `is_secret` are the mail's, as is a link among the facts that opens something.
    Raises `KeyError` for a kind that is not in the catalogue, and what `send` raises.
    """
    wanted = channels.of(actor, to.user_id, kind)
    if wanted.in_app:
        _write(actor, key=key, to=to, kind=kind, facts=facts, subject=subject)
    if wanted.email:
        send(
            actor,
            key=f"{key}/{to.user_id}",
            recipient=to.email,
            template=kind,
            language=to.language,
            facts=facts,
            is_secret=is_secret,
            files=files,
        )


@action("notification.mark_read")
def mark_read(actor: Actor, notification_id: int) -> None:
    """Note that the caller has read one of theirs; the moment of the first time stays. Raises `NotFound`."""
    notification: Notification = inbox.visible_to(actor).lock(notification_id)
    if notification.read_at is None:
        notification.read_at = timezone.now()
        notification.save()
        _tell_of_reading(actor, id=notification_id)


@action("notification.mark_all_read")
def mark_all_read(actor: Actor, *, up_to: int | None = None) -> int:
    """Note that the caller has read all that was written up to this id, or all; answers how many were unread."""
    rows, now, read = inbox.visible_to(actor), timezone.now(), 0
    unread = rows.filter(read_at=None) if up_to is None else rows.filter(read_at=None, pk__lte=up_to)
    while batch := list(unread.order_by("id").select_for_update(of=("self",))[:AT_ONCE]):
        for notification in batch:
            notification.read_at = now
        rows.bulk_update(batch, ["read_at"])
        read += len(batch)
    if read:
        _tell_of_reading(actor, up_to=up_to)
    return read


@action("notification.sweep")
def sweep(actor: Actor, *, ids: Sequence[int]) -> None:
    """Forget notifications whose time is over; those that are gone already don't matter."""
    Notification.objects.of(actor).filter(pk__in=ids).delete()


def _write(actor: Actor, *, key: str, to: Reader, kind: str, facts: Mapping[str, Any], subject: Subject | None) -> None:
    rows = Notification.objects.of(actor)
    if rows.filter(user_id=to.user_id, key=key).exists():
        return
    notice = rendering.render_notice(kind, language=rendering.language_of(to.language), facts=facts)
    written: Notification = rows.new(user_id=to.user_id, key=key, kind=kind, **notice._asdict())
    if subject is not None:
        written.subject_kind, written.subject_id = subject
    try:
        with transaction.atomic():
            written.save()
    except IntegrityError as error:
        if not violates(error, Notification, "notifications_key"):
            raise


def _tell_of_reading(actor: Actor, **what: int | None) -> None:
    """Have the reader's other sockets know."""

    def tell() -> None:
        frame = {"type": "notifications_read", **what, "unread": inbox.count_unread(actor)}
        live.tell(cast(int, actor.workspace_id), actor.require_user(), frame)

    transaction.on_commit(tell, robust=True)
