"""Attaching files: an upload is announced, the client sends the file to the storage, and confirms it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from os import SEEK_END
from typing import Any, BinaryIO, NotRequired, TypedDict, Unpack

from django.conf import settings
from django.utils import timezone

from backend.core import permissions, turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Invalid, RuleViolated
from backend.modules.attachments import filenames, keys, queries, storages, subjects
from backend.modules.attachments.models import Attachment, State
from backend.modules.attachments.storages import Stored

ADD = permissions.declare("attachments.add", "Attach files", roles={"manager", "sales"})
DELETE = permissions.declare("attachments.delete", "Remove attachments", roles={"manager", "sales"})

UPLOAD_LIFETIME = timedelta(hours=1)  # of the signed address
CONFIRM_WITHIN = timedelta(days=1)
GRACE = timedelta(hours=1)  # a confirmation that has begun in time ends before its file is swept
SWEPT_AT_ONCE = 500


class FileTooLarge(Invalid):
    """The announced size is beyond the setting UPLOAD_MAX_MB. Fact: `limit`, in MB."""

    code = "file_too_large"
    field = "size"


class UploadMissing(RuleViolated):
    """Nothing was uploaded yet under this key."""

    code = "upload_missing"


class UploadOfOtherType(RuleViolated):
    """What was uploaded is not of the announced type. Facts: `expected`, `found`."""

    code = "upload_of_other_type"


class UploadOfOtherLength(RuleViolated):
    """What was uploaded is not as long as was announced. Facts: `expected`, `found`, in bytes."""

    code = "upload_of_other_length"


class UploadTooLarge(RuleViolated):
    """What was uploaded is beyond the setting UPLOAD_MAX_MB. Fact: `limit`, in MB."""

    code = "upload_too_large"


@dataclass(frozen=True, slots=True)
class Presigned:
    """How the file is to be sent: `method` to `url` with exactly these `headers`, until `expires_at`.

    `url` begins with `/` where this server takes the file itself. `fields` is empty: they belong to form uploads.
    """

    url: str
    fields: dict[str, str]
    method: str
    headers: dict[str, str]
    key: str
    expires_at: datetime


class Announced(TypedDict):
    """What is said of a file that is to be uploaded. `size` in bytes, if it is known already."""

    filename: str
    content_type: str
    size: NotRequired[int | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """An upload that the storage keeps from now on and that waits to be attached. `size` in bytes."""

    attachment_id: int
    size: int


@action("attachment.presign", needs=ADD)
def presign(actor: Actor, *, subject_kind: str, subject_id: int, **file: Unpack[Announced]) -> Presigned:
    """Announce a file for a record and learn where to send it.

    Raises `NotFound` for the record, `FileTypeNotAllowed`, `NoFilename` and `FileTooLarge`.
    """
    subjects.check_open(actor, subject_kind, subject_id)
    return _presign(actor, subject_kind, subject_id, **file)


@action("attachment.presign_of")
def presign_of(actor: Actor, *, subject_kind: str, subject_id: int, **file: Unpack[Announced]) -> Presigned:
    """The same for a record of a closed kind. Who may, and that it is there, is said by its own action."""
    return _presign(actor, subject_kind, subject_id, **file)


def confirm(actor: Actor, *, key: str) -> Attachment:
    """Register what was uploaded, once. The storage is asked outside of any transaction of this function's.

    From here on the file can't be overwritten: the signed address writes to another place than where it is kept.
    Raises `NotFound`, `AlreadyConfirmed`, `UploadExpired`, `UploadMissing`, `UploadOfOtherType`, `UploadOfOtherLength`,
    `UploadTooLarge`, and `Unavailable` when the storage does not answer.
    """
    actor.require(ADD)
    announced = queries.upload(actor, key)
    subjects.check_open(actor, announced.subject_kind, announced.subject_id)
    return register(actor, announced.pk, size=_keep(announced).size)


def keep(actor: Actor, *, subject_kind: str, subject_id: int, key: str) -> Kept:
    """Keep what was uploaded for a record of a closed kind, until `attach` registers it; else it is swept.

    Who may, and that the record is there, is said by its own action. Raises what `confirm` does, and `NotFound` for a
    key of anything else's.
    """
    return _keep(queries.upload_of(actor, subject_kind, subject_id, key))


def put(
    actor: Actor, *, subject_kind: str, subject_id: int, filename: str, content_type: str, file: BinaryIO
) -> Attachment:
    """Write a file that the server has made into the storage, outside of any transaction of this function's.

    It is attached by `register`; until then nobody sees it, and what is interrupted is swept as an upload that nobody
    confirmed. Raises `Unavailable`.
    """
    announced = _announce(
        actor,
        subject_kind=subject_kind,
        subject_id=subject_id,
        filename=filename,
        content_type=content_type,
        size=file.seek(0, SEEK_END),
    )
    storages.current().put(announced.key, file, content_type=content_type)
    return announced


@action("attachment.store", needs=ADD)
def _announce(actor: Actor, **fields: Any) -> Attachment:
    """Note which file is about to be written."""
    return Attachment.objects.of(actor).create(
        key=keys.new(actor.workspace_id),
        created_by_id=actor.user_id,
        expires_at=timezone.now() + CONFIRM_WITHIN,
        **fields,
    )


@action("attachment.delete", needs=DELETE)
def delete(actor: Actor, attachment_id: int) -> None:
    """Remove an attachment: nobody sees it any more, and the next sweep removes its file. Raises `NotFound`."""
    attachment = queries.visible_to(actor).lock(attachment_id)
    subjects.check_open(actor, attachment.subject_kind, attachment.subject_id)
    _discard(attachment)


@action("attachment.discard")
def discard(actor: Actor, attachment_id: int) -> None:
    """The same for one of a record of a closed kind. Who may is said by its own action."""
    _discard(queries.visible_to(actor).lock(attachment_id))


@action("attachment.discard_of")
def discard_of(actor: Actor, *, subject_kind: str, subject_id: int) -> None:
    """Remove all that is attached to a record, which is about to be deleted. Who may is said by its own action."""
    _turn(actor, subject_kind, subject_id)
    rows = Attachment.objects.of(actor).filter(subject_kind=subject_kind, subject_id=subject_id)
    for attachment in rows.exclude(state=State.DISCARDED).select_for_update():
        _discard(attachment)


def sweep(actor: Actor) -> int:
    """Remove the files, then the rows, of what was discarded and of what nobody confirmed within a day.

    Returns how many. Whatever is interrupted is found again by the next sweep. Raises `Unavailable`.
    """
    actor.require(DELETE)
    storage, swept = storages.current(), 0
    due = queries.to_sweep(actor, expired_before=timezone.now() - GRACE).order_by("pk")
    while rows := list(due.values_list("pk", "key")[:SWEPT_AT_ONCE]):
        for _, key in rows:
            storage.delete(key)
        _forget(actor, attachment_ids=[pk for pk, _ in rows])
        swept += len(rows)
    return swept


@action("attachment.confirm", needs=ADD)
def register(actor: Actor, attachment_id: int, *, size: int | None = None) -> Attachment:
    """Attach a file that is in the storage; `size` in bytes, unless it was announced.

    Of several that register the same one at once the first gets through, the others raise `AlreadyConfirmed`. Raises
    `NotFound` for the record, and `UploadExpired`.
    """
    attachment = _lock_pending(actor, attachment_id)
    subjects.check(actor, attachment.subject_kind, attachment.subject_id)
    return _attach(attachment, size)


@action("attachment.attach")
def attach(actor: Actor, attachment_id: int, *, size: int) -> Attachment:
    """The same for a record of a closed kind. Who may, and that it is there, is said by its own action."""
    return _attach(_lock_pending(actor, attachment_id), size)


@action("attachment.sweep", needs=DELETE)
def _forget(actor: Actor, *, attachment_ids: list[int]) -> None:
    """Remove rows whose files are gone."""
    Attachment.objects.of(actor).filter(pk__in=attachment_ids).select_for_update().delete()


def _presign(actor: Actor, subject_kind: str, subject_id: int, **file: Unpack[Announced]) -> Presigned:
    content_type, size = file["content_type"], file.get("size")
    name = filenames.clean(file["filename"], filenames.allowed_type(content_type))
    if size is not None and size > settings.UPLOAD_MAX_BYTES:
        raise FileTooLarge(limit=settings.UPLOAD_MAX_MB)
    now = timezone.now()
    announced: Attachment = Attachment.objects.of(actor).create(
        subject_kind=subject_kind,
        subject_id=subject_id,
        key=keys.new(actor.workspace_id),
        filename=name,
        content_type=content_type,
        size=size,
        created_by_id=actor.user_id,
        expires_at=now + CONFIRM_WITHIN,
    )
    to = storages.current().presign_put(
        announced.key, content_type=content_type, size=size, limit=settings.UPLOAD_MAX_BYTES, lifetime=UPLOAD_LIFETIME
    )
    return Presigned(to.url, {}, to.method, to.headers, announced.key, now + UPLOAD_LIFETIME)


def _keep(announced: Attachment) -> Kept:
    storage = storages.current()
    found = storage.uploaded(announced.key)
    if found is None:
        raise UploadMissing
    _check(announced, found)
    if not storage.keep(announced.key, found):
        raise UploadMissing
    return Kept(announced.pk, found.size)


def _lock_pending(actor: Actor, attachment_id: int) -> Attachment:
    attachment: Attachment = Attachment.objects.of(actor).get(pk=attachment_id)
    _turn(actor, attachment.subject_kind, attachment.subject_id)
    attachment = Attachment.objects.of(actor).lock(attachment_id)
    queries.check_pending(attachment)
    return attachment


def _attach(attachment: Attachment, size: int | None) -> Attachment:
    attachment.state = State.CONFIRMED
    attachment.size = attachment.size if size is None else size
    attachment.confirmed_at, attachment.expires_at = timezone.now(), None
    attachment.save()
    return attachment


def _discard(attachment: Attachment) -> None:
    attachment.state = State.DISCARDED
    attachment.save()


def _turn(actor: Actor, subject_kind: str, subject_id: int) -> None:
    """Nothing is attached to a record while it is being deleted."""
    turns.take(actor.workspace_id, f"attachments of {subject_kind} {subject_id}")


def _check(announced: Attachment, found: Stored) -> None:
    if found.content_type not in (None, announced.content_type):
        raise UploadOfOtherType(expected=announced.content_type, found=found.content_type)
    if announced.size not in (None, found.size):
        raise UploadOfOtherLength(expected=announced.size, found=found.size)
    if found.size > settings.UPLOAD_MAX_BYTES:
        raise UploadTooLarge(limit=settings.UPLOAD_MAX_MB)
