"""Files on this machine's disk, sent and fetched through signed addresses of this server."""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import BinaryIO

from backend.core.errors import DomainError, NotFound, TooLarge, Unavailable, UnsupportedMediaType
from backend.modules.attachments import keys
from backend.modules.attachments.storages import links
from backend.modules.attachments.storages.base import SignedRequest, Stored
from backend.modules.attachments.storages.links import DownloadLink, UploadLink

CHUNK = 64 * 1024
UNFINISHED = ".part"

logger = logging.getLogger(__name__)


class UploadIncomplete(DomainError):
    """The length of the body is missing, is not the announced one, or not that of what came. Fact: `expected`."""

    code = "upload_incomplete"


class LocalStorage:
    """Whole files only: one is written under another name and appears under its own when it is complete."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def presign_put(
        self, key: str, *, content_type: str, size: int | None, limit: int, lifetime: timedelta
    ) -> SignedRequest:
        link = UploadLink(key=key, content_type=content_type, size=size, limit=limit)
        return SignedRequest(links.address(link, lifetime), {"Content-Type": content_type})

    def presign_get(self, key: str, *, filename: str, content_type: str, lifetime: timedelta) -> str:
        return links.address(DownloadLink(key=key, filename=filename, content_type=content_type), lifetime)

    def uploaded(self, key: str) -> Stored | None:
        return self._stat(self._path("incoming", key))

    def keep(self, key: str, uploaded: Stored) -> bool:
        source, target = self._path("incoming", key), self._path("kept", key)
        with _disk():
            target.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError, FileNotFoundError):  # what is there then is compared
                os.link(source, target)
        kept = self._stat(target)
        return kept is not None and kept.fingerprint == uploaded.fingerprint

    def put(self, key: str, file: BinaryIO, *, content_type: str) -> None:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        self._write(self._path("kept", key), file.read, size)

    def stat(self, key: str) -> Stored | None:
        return self._stat(self._path("kept", key))

    def open(self, key: str) -> BinaryIO:
        with _disk():
            try:
                return self._path("kept", key).open("rb")
            except FileNotFoundError:
                raise NotFound(record="file") from None

    def delete(self, key: str) -> None:
        with _disk():
            for area in ("incoming", "kept"):
                self._path(area, key).unlink(missing_ok=True)

    def check(self) -> None:
        with _disk():
            self.folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self.folder) as file:
                file.write(b"crisol")

    def clear_incoming(self, *, before: datetime) -> int:
        cleared = 0
        with _disk():
            for path in (self.folder / "incoming").glob("*/*"):
                with contextlib.suppress(FileNotFoundError):  # another sweep was here
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()
                        cleared += 1
        return cleared

    def receive(self, link: UploadLink, read: Callable[[int], bytes], *, content_type: str, length: str | None) -> None:
        """Write what `read` gives to the disk, in pieces; `content_type` and `length` are what the request says.

        Raises `UnsupportedMediaType`, `TooLarge` (before anything is read), `UploadIncomplete` and `Unavailable`.
        """
        if content_type != link.content_type:
            raise UnsupportedMediaType(media_type=content_type)
        expected = int(length) if length and length.isascii() and length.isdigit() else None
        if expected is not None and expected > link.limit:
            raise TooLarge
        if expected is None or link.size not in (None, expected):
            raise UploadIncomplete(expected=link.size)
        self._write(self._path("incoming", link.key), read, expected)

    def _write(self, path: Path, read: Callable[[int], bytes], expected: int) -> None:
        with _disk():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = NamedTemporaryFile(dir=path.parent, suffix=UNFINISHED, delete=False)  # noqa: SIM115 - outlives a rename
        try:
            with part:
                missing = expected
                while missing and (piece := read(min(CHUNK, missing))):
                    missing -= len(piece)
                    with _disk():
                        part.write(piece)
                if missing:
                    raise UploadIncomplete(expected=expected)
                with _disk():
                    part.flush()
                    os.fsync(part.fileno())
                    os.replace(part.name, path)
        finally:
            Path(part.name).unlink(missing_ok=True)

    def _stat(self, path: Path) -> Stored | None:
        with _disk():
            try:
                found = path.stat()
            except FileNotFoundError:
                return None
        return Stored(found.st_size, None, f"{found.st_ino}-{found.st_mtime_ns}")

    def _path(self, area: str, key: str) -> Path:
        keys.workspace_of(key)  # nothing but a key becomes part of a path
        return self.folder / area / key


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    """A disk that is full or gone is a storage that does not answer."""
    try:
        yield
    except OSError as problem:
        logger.error("The uploads folder can't be used: %s", problem)
        raise Unavailable(dependency="storage") from problem
