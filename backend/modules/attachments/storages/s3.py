"""Files on S3, or on what speaks its protocol; clients send and fetch them there, through presigned addresses."""

import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.http import content_disposition_header

from backend.core.errors import NotFound, Unavailable
from backend.modules.attachments.storages.base import SignedRequest, Stored

MISSING = {"404", "NoSuchKey"}
CHANGED = {"412", "PreconditionFailed"}

logger = logging.getLogger(__name__)


class S3Storage:
    """`endpoint_url` is what this server reaches, `public_endpoint_url` what clients reach; the host is signed."""

    def __init__(
        self, *, bucket: str, endpoint_url: str, public_endpoint_url: str, access_key: str, secret_key: str, region: str
    ) -> None:
        self.bucket = bucket
        keys = {"aws_access_key_id": access_key or None, "aws_secret_access_key": secret_key or None}
        self.client = _client(endpoint_url, region, keys)
        self.signer = _client(public_endpoint_url or endpoint_url, region, keys)

    def presign_put(
        self, key: str, *, content_type: str, size: int | None, limit: int, lifetime: timedelta
    ) -> SignedRequest:
        signed = {"ContentType": content_type} | ({} if size is None else {"ContentLength": size})
        url = self._sign("put_object", f"incoming/{key}", lifetime, **signed)
        return SignedRequest(url, {"Content-Type": content_type})

    def presign_get(self, key: str, *, filename: str, content_type: str, lifetime: timedelta) -> str:
        return self._sign(
            "get_object",
            f"kept/{key}",
            lifetime,
            ResponseContentType=content_type,
            ResponseContentDisposition=content_disposition_header(as_attachment=True, filename=filename),
            ResponseCacheControl="private, no-store",
        )

    def uploaded(self, key: str) -> Stored | None:
        return self._stat(f"incoming/{key}")

    def keep(self, key: str, uploaded: Stored) -> bool:
        source = {"Bucket": self.bucket, "Key": f"incoming/{key}"}
        with contextlib.suppress(Absent), _answering():
            self.client.copy_object(
                Bucket=self.bucket, Key=f"kept/{key}", CopySource=source, CopySourceIfMatch=uploaded.fingerprint
            )
            return True
        return False

    def put(self, key: str, file: BinaryIO, *, content_type: str) -> None:
        file.seek(0)
        with _answering():
            self.client.upload_fileobj(file, self.bucket, f"kept/{key}", ExtraArgs={"ContentType": content_type})

    def stat(self, key: str) -> Stored | None:
        return self._stat(f"kept/{key}")

    def open(self, key: str) -> BinaryIO:
        try:
            with _answering():
                return cast(BinaryIO, self.client.get_object(Bucket=self.bucket, Key=f"kept/{key}")["Body"])
        except Absent:
            raise NotFound(record="file") from None

    def delete(self, key: str) -> None:
        with _answering():
            for area in ("incoming", "kept"):
                self.client.delete_object(Bucket=self.bucket, Key=f"{area}/{key}")

    def check(self) -> None:
        """Whether the bucket is there and lets us in; nothing is written."""
        try:
            with _answering():
                self.client.head_bucket(Bucket=self.bucket)
        except Absent:
            raise Unavailable(dependency="storage") from None

    def clear_incoming(self, *, before: datetime) -> int:
        cleared = 0
        with _answering():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="incoming/"):
                for found in page.get("Contents", ()):
                    if found["LastModified"] < before:
                        self.client.delete_object(Bucket=self.bucket, Key=found["Key"])
                        cleared += 1
        return cleared

    def _stat(self, name: str) -> Stored | None:
        try:
            with _answering():
                found = self.client.head_object(Bucket=self.bucket, Key=name)
        except Absent:
            return None
        return Stored(found["ContentLength"], found.get("ContentType"), found["ETag"])

    def _sign(self, operation: str, name: str, lifetime: timedelta, **parameters: Any) -> str:
        return self.signer.generate_presigned_url(
            operation,
            Params={"Bucket": self.bucket, "Key": name, **parameters},
            ExpiresIn=int(lifetime.total_seconds()),
        )


class Absent(Exception):
    """There is no such object, or it is not the one any more that was looked at. Never leaves this module."""


def _client(endpoint_url: str, region: str, keys: dict[str, str | None]) -> Any:
    """A client for any thread. A server of one's own is addressed by path, Amazon by host name."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if endpoint_url else "virtual"},
        request_checksum_calculation="when_required",  # the newer checksums are not known everywhere
        response_checksum_validation="when_required",
        connect_timeout=3,
        read_timeout=30,
        retries={"total_max_attempts": 2, "mode": "standard"},
    )
    return boto3.client("s3", endpoint_url=endpoint_url or None, region_name=region, config=config, **keys)


@contextlib.contextmanager
def _answering() -> Iterator[None]:
    """Whatever else than a missing object goes wrong, the storage is what does not work; the log says how."""
    try:
        yield
    except ClientError as problem:
        if problem.response["Error"]["Code"] in MISSING | CHANGED:
            raise Absent from problem
        logger.error("S3 refuses: %s", problem)
        raise Unavailable(dependency="storage") from problem
    except BotoCoreError as problem:
        logger.error("S3 does not answer: %s", problem)
        raise Unavailable(dependency="storage") from problem
