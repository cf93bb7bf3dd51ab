"""Statements that are always the same but for their parameters: PostgreSQL keeps their plan.

Planning costs such a statement more than running it. Only fixed text belongs here, and nothing with a LIKE: a kept
plan ignores the term and costs a thousand times.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection


class Prepared(psycopg.Cursor):
    """Binds parameters on the server, which Django's own cursor does not, and takes values as bytes, not as text."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, prepare=True, binary=True)


def rows(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What the statement answers; prepared on PostgreSQL, unless DATABASE_PREPARE forbids it."""
    with _cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _cursor() -> Any:
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    wrapped: Any = connection  # Django's own wrapping: it counts, logs and turns the driver's errors into Django's
    return wrapped._prepare_cursor(Prepared(connection.connection))
