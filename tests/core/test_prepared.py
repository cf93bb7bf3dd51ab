"""Statements whose plan PostgreSQL keeps."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from backend.core import prepared

pytestmark = pytest.mark.django_db

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's driver keeps statements itself")


def kept() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [row[0] for row in cursor.fetchall()]


class TestRows:
    def test_are_what_the_statement_answers(self):
        assert prepared.rows("SELECT 1, 'ñandú'", []) == [(1, "ñandú")]

    def test_are_counted_and_logged_as_django_s_own(self):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            prepared.rows("SELECT 2", [])
        assert len(queries) == 1

    @on_postgresql
    def test_have_python_s_types(self):
        moment = datetime(2026, 11, 21, 7, 30, 0, 123456, tzinfo=UTC)
        statement = "SELECT %s::timestamptz, %s::numeric, NULL::text, %s::bigint"
        ((found, amount, nothing, number),) = prepared.rows(statement, [moment, Decimal("12.50"), 2**60])
        assert (found, found.utcoffset().total_seconds()) == (moment, 0)
        assert (str(amount), nothing, number) == ("12.50", None, 2**60)

    @on_postgresql
    def test_keep_their_plan_and_django_s_cursors_do_not(self):
        for _ in range(8):
            prepared.rows("SELECT %s::int + 1", [41])
            with connection.cursor() as cursor:
                cursor.execute("SELECT %s::int + 2", [41])
        assert [each for each in kept() if "+ 1" in each]
        assert [each for each in kept() if "+ 2" in each] == []

    @on_postgresql
    def test_fail_as_django_fails(self):
        with pytest.raises(DataError):
            prepared.rows("SELECT 1 / %s::int", [0])
