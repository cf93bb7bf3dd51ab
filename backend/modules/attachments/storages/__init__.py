"""Where the files are: on this machine's disk, or on S3 where the setting S3_BUCKET names a bucket.

Both do the same (`base.Storage`). An upload arrives in one place, `incoming`, and is kept in another, `kept`, from the
moment that it is confirmed: so an address that was signed for the upload never reaches a file that others rely on.
"""

from functools import cache

from django.conf import settings

from backend.modules.attachments.storages.base import Storage, Stored
from backend.modules.attachments.storages.local import LocalStorage

__all__ = ["Storage", "Stored", "current", "local"]


def current() -> Storage:
    """The storage that the settings choose."""
    return _s3(**settings.S3) if settings.S3["bucket"] else LocalStorage(settings.UPLOADS)


def local() -> LocalStorage:
    """The storage that this server's own addresses write to and read from."""
    return LocalStorage(settings.UPLOADS)


@cache
def _s3(**options: str) -> Storage:
    from backend.modules.attachments.storages.s3 import S3Storage  # boto3 takes a moment that a local server saves

    return S3Storage(**options)
