"""One after the other where no row can be locked, because it is not there yet."""

import hashlib

from django.db import connection


def take(workspace_id: int | None, name: str) -> None:
    """Wait until no other transaction has this turn, and keep it until the running one ends.

    SQLite's one writer at a time has every turn already.
    """
    if connection.vendor != "postgresql":
        return
    digest = hashlib.blake2b(f"{workspace_id}/{name}".encode(), digest_size=8).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest, signed=True)])
