"""The signed addresses of this server, for files on its own disk. The signature is the only credential they need."""

import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.core import signing
from django.urls import reverse

from backend.core.errors import PermissionDenied


class FileLinkInvalid(PermissionDenied):
    """The address was not signed by this server, or not for this."""

    code = "file_link_invalid"


class FileLinkExpired(PermissionDenied):
    """The address was good for a while, which is over."""

    code = "file_link_expired"


@dataclass(frozen=True, slots=True)
class UploadLink:
    """Where a file may be sent to: of this type, of this size if one was announced, of at most `limit` bytes."""

    key: str
    content_type: str
    size: int | None
    limit: int


@dataclass(frozen=True, slots=True)
class DownloadLink:
    key: str
    filename: str
    content_type: str


Link = TypeVar("Link", UploadLink, DownloadLink)


def address(link: UploadLink | DownloadLink, lifetime: timedelta) -> str:
    """The path on this server that does what the link says, for so long."""
    until = time.time() + lifetime.total_seconds()
    return reverse("file", args=[_signer(type(link)).sign_object(asdict(link) | {"until": until})])


def read(kind: type[Link], token: str) -> Link:
    """What this server has signed. Raises `FileLinkInvalid` and `FileLinkExpired`."""
    try:
        signed: dict[str, Any] = _signer(kind).unsign_object(token)
    except signing.BadSignature:
        raise FileLinkInvalid from None
    if signed.pop("until") < time.time():
        raise FileLinkExpired
    return kind(**signed)


def _signer(kind: type) -> signing.Signer:
    """An address of one kind is worth nothing as one of the other."""
    return signing.Signer(salt=f"attachments.{kind.__name__}")
