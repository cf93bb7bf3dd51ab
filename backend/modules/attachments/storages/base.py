"""What every storage does."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """What lies in the storage. `content_type` is None where only the announced type was let in.

    `fingerprint` changes when the content is replaced.
    """

    size: int
    content_type: str | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request that is let in without credentials; an address that begins with `/` is one of this server."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "PUT"


class Storage(Protocol):
    """Files by key. Every method but the two that only sign raises `Unavailable` when the storage does not answer."""

    def presign_put(
        self, key: str, *, content_type: str, size: int | None, limit: int, lifetime: timedelta
    ) -> SignedRequest:
        """The request that uploads the file: of this type, of this size if one is given, for so long.

        `limit` is the largest size in bytes. S3 can't be told of it in a PUT, so the size is looked at again when the
        upload is confirmed.
        """

    def presign_get(self, key: str, *, filename: str, content_type: str, lifetime: timedelta) -> str:
        """The address where the kept file can be had as a download called `filename`."""

    def uploaded(self, key: str) -> Stored | None:
        """What was uploaded under the key and waits to be kept."""

    def keep(self, key: str, uploaded: Stored) -> bool:
        """Keep what was uploaded, if it still is what was looked at. Doing so twice does no harm."""

    def put(self, key: str, file: BinaryIO, *, content_type: str) -> None:
        """Keep a file that this server has made, read from its beginning."""

    def stat(self, key: str) -> Stored | None:
        """What is kept under the key."""

    def open(self, key: str) -> BinaryIO:
        """The kept file, to be read in pieces and closed. Raises `NotFound`."""

    def delete(self, key: str) -> None:
        """Remove what is kept and what was uploaded under the key, if anything."""

    def check(self) -> None:
        """Raises `Unavailable` unless the storage can be used."""

    def clear_incoming(self, *, before: datetime) -> int:
        """Remove what was uploaded before this moment and lies where uploads arrive. Answers how many."""
