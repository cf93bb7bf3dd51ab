"""Search over one folded column, `search_text`: every word of the term has to be in it, in any place.

PostgreSQL has a trigram GIN index on the column, SQLite an FTS5 trigram table beside it. Words of one or two letters
match the beginnings of words, because trigrams can't find them inside; a phone number is found by its digits.
"""

import re
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from backend.core.folding import fold

Rows = TypeVar("Rows", bound=QuerySet)
TRIGRAM = 3
PHONE = re.compile(r"[\d\s()+./-]*\d[\d\s()+./-]*")
NOT_DIGIT = re.compile(r"\D")


def text(*parts: str, phones: tuple[str | None, ...] = ()) -> str:
    """What a record is found by: its fields, folded, each word after a space; phones as their digits as well."""
    digits = [NOT_DIGIT.sub("", phone) for phone in phones if phone]
    return "".join(f" {folded}" for part in (*parts, *dict.fromkeys(digits)) if (folded := fold(part)))


def narrow(rows: Rows, term: str) -> Rows:
    """The rows that have every word of the term, without regard to case and accents."""
    for word in words(term):
        rows = rows.filter(pk__in=_fts(rows, word)) if _has_fts(word) else rows.filter(search_text__contains=word)
    return rows


def words(term: str) -> list[str]:
    """The term as it is looked for. A short word is looked for behind a space, where words begin."""
    if PHONE.fullmatch(term) and len(digits := NOT_DIGIT.sub("", term)) >= TRIGRAM:
        return [digits]
    return [word if len(word) >= TRIGRAM else f" {word}" for word in fold(term).split()]


def _has_fts(word: str) -> bool:
    return connection.vendor == "sqlite" and len(word) >= TRIGRAM


def _fts(rows: QuerySet, word: str) -> RawSQL:
    table = rows.model._meta.db_table
    phrase = '"' + word.replace('"', '""') + '"'
    return RawSQL(f"SELECT rowid FROM {table}_search WHERE {table}_search MATCH %s", [phrase])  # noqa: S608, S611 - the table is a model's own


def ensure_indexes(**kwargs: Any) -> None:
    """After every migration: each table with a `search_text` has its index.

    Not a step of a migration, because SQLite loses a table's triggers whenever a later migration changes the table.
    """
    for model in apps.get_models():
        if any(field.name == "search_text" for field in model._meta.concrete_fields):
            _ensure_index(model._meta.db_table)


def _ensure_index(table: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE name = %s", [f"{table}_search_update"])
            if cursor.fetchone()[0]:
                return
        for statement in CREATE[connection.vendor]:
            cursor.execute(statement.format(table=table))


CREATE = {
    "postgresql": [
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "CREATE INDEX IF NOT EXISTS {table}_search ON {table} USING gin (search_text gin_trgm_ops)",
    ],
    "sqlite": [
        "CREATE VIRTUAL TABLE IF NOT EXISTS {table}_search USING fts5"
        "(search_text, content='{table}', content_rowid='id', tokenize='trigram')",
        "CREATE TRIGGER IF NOT EXISTS {table}_search_insert AFTER INSERT ON {table} BEGIN "
        "INSERT INTO {table}_search(rowid, search_text) VALUES (new.id, new.search_text); END",
        "CREATE TRIGGER IF NOT EXISTS {table}_search_delete AFTER DELETE ON {table} BEGIN "
        "INSERT INTO {table}_search({table}_search, rowid, search_text) "
        "VALUES ('delete', old.id, old.search_text); END",
        "CREATE TRIGGER IF NOT EXISTS {table}_search_update AFTER UPDATE OF search_text ON {table} BEGIN "
        "INSERT INTO {table}_search({table}_search, rowid, search_text) VALUES ('delete', old.id, old.search_text); "
        "INSERT INTO {table}_search(rowid, search_text) VALUES (new.id, new.search_text); END",
        "INSERT INTO {table}_search({table}_search) VALUES ('rebuild')",
    ],
}
