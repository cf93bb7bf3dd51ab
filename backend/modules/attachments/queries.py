"""Reading attachments. Who does not see the subject does not see what is attached to it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from backend.core import permissions
from backend.core.actor import Actor
from backend.core.errors import Conflict, NotFound, RuleViolated
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.attachments import storages, subjects
from backend.modules.attachments.models import Attachment, State

VIEW = permissions.declare("attachments.view", "Read attachments", roles={"manager", "sales", "user"})

DOWNLOAD_LIFETIME = timedelta(minutes=5)
ROW = (
    "subject_kind",
    "subject_id",
    "filename",
    "content_type",
    "size",
    "created_by_id",
    "created_at",
    "confirmed_at",
    "version",
)
NAMES = {"created_by_name": F("created_by__username")}


class AlreadyConfirmed(Conflict):
    """This upload was registered before; its file does not change any more."""

    code = "attachment_already_confirmed"


class UploadExpired(RuleViolated):
    """The upload was not confirmed within a day after it was announced."""

    code = "upload_expired"


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """The confirmed attachments of the workspace, whoever sees their subjects."""
    return Attachment.objects.of(actor).filter(state=State.CONFIRMED)


def get(actor: Actor, attachment_id: int) -> dict[str, Any]:
    """One attachment. Raises `NotFound`."""
    actor.require(VIEW)
    return detail(actor, attachment_id)


def detail(actor: Actor, attachment_id: int) -> dict[str, Any]:
    """The same for who has just written it, whether or not they may read others. Raises `NotFound`."""
    found = visible_to(actor).filter(pk=attachment_id).values("id", *ROW, **NAMES).first()
    if found is None:
        raise NotFound(record="attachment", id=attachment_id)
    subjects.check(actor, found["subject_kind"], found["subject_id"])
    return found


def rows_of(actor: Actor, subject_kind: str, subject_id: int) -> list[dict[str, Any]]:
    """What is attached to a record, newest first. Raises `NotFound`."""
    return list(to_export(actor, subject_kind, subject_id).values("id", *ROW, *NAMES))


def to_export(actor: Actor, subject_kind: str, subject_id: int) -> WorkspaceQuerySet:
    """The same for a file. Beside the fields there are `NAMES`. Raises `NotFound`."""
    actor.require(VIEW)
    subjects.check(actor, subject_kind, subject_id)
    rows = visible_to(actor).filter(subject_kind=subject_kind, subject_id=subject_id)
    return rows.annotate(**NAMES).order_by("-id")


def download(actor: Actor, attachment_id: int) -> str:
    """The address where the file can be had for five minutes; one of this server begins with `/`. Raises `NotFound`."""
    row = get(actor, attachment_id)
    key = visible_to(actor).values_list("key", flat=True).get(pk=attachment_id)
    return storages.current().presign_get(
        key, filename=row["filename"], content_type=row["content_type"], lifetime=DOWNLOAD_LIFETIME
    )


def address_of(actor: Actor, subject_kind: str, subject_id: int, *, lifetime: timedelta) -> str | None:
    """Where the newest file of a record that the caller may see can be had for so long; None while there is none."""
    subjects.check(actor, subject_kind, subject_id)
    rows = visible_to(actor).filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-id")
    found: Attachment | None = rows.first()
    return None if found is None else _address(found, lifetime)


def addresses(actor: Actor, attachment_ids: Collection[int]) -> dict[int, str]:
    """Where the files of attachments can be had for five minutes, by their ids, for who is known to see the record."""
    rows = visible_to(actor).filter(pk__in=attachment_ids)
    return {each.pk: _address(each, DOWNLOAD_LIFETIME) for each in rows}


def upload(actor: Actor, key: str) -> Attachment:
    """The announced upload that waits for its file. Raises `NotFound`, `AlreadyConfirmed` and `UploadExpired`."""
    found = _upload(Attachment.objects.of(actor), key)
    subjects.check(actor, found.subject_kind, found.subject_id)
    check_pending(found)
    return found


def upload_of(actor: Actor, subject_kind: str, subject_id: int, key: str) -> Attachment:
    """The same among those of a record that the caller is known to see."""
    rows = Attachment.objects.of(actor).filter(subject_kind=subject_kind, subject_id=subject_id)
    found = _upload(rows, key)
    check_pending(found)
    return found


def check_pending(attachment: Attachment) -> None:
    """Raises `AlreadyConfirmed` and `UploadExpired`, and `NotFound` for one that was discarded."""
    if attachment.state == State.CONFIRMED:
        raise AlreadyConfirmed
    if attachment.state == State.DISCARDED:
        raise NotFound(record="upload")
    if attachment.expires_at is None or attachment.expires_at <= timezone.now():
        raise UploadExpired


def check_kept(actor: Actor, key: str) -> None:
    """Raises `NotFound` unless there is a confirmed attachment of this key."""
    if not visible_to(actor).filter(key=key).exists():
        raise NotFound(record="file")


def to_sweep(actor: Actor, *, expired_before: datetime) -> WorkspaceQuerySet:
    """What was discarded, and what was announced, expired before this moment, and never was confirmed."""
    expired = Q(state=State.PENDING, expires_at__lt=expired_before)
    return Attachment.objects.of(actor).filter(expired | Q(state=State.DISCARDED))


def _upload(rows: WorkspaceQuerySet, key: str) -> Attachment:
    found: Attachment | None = rows.exclude(state=State.DISCARDED).filter(key=key).first()
    if found is None:
        raise NotFound(record="upload")
    return found


def _address(attachment: Attachment, lifetime: timedelta) -> str:
    return storages.current().presign_get(
        attachment.key, filename=attachment.filename, content_type=attachment.content_type, lifetime=lifetime
    )
