"""A database of the benchmark's own, beside the one that DATABASE_URL names."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@contextmanager
def database(server: str, name: str, *, keep: bool) -> Iterator[str]:
    """The URL of the database `name` on the server. It is made if it is not there, and dropped at the end unless kept.

    Raises `psycopg.Error` where the server does not answer or refuses.
    """
    with psycopg.connect(server, autocommit=True, connect_timeout=5) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        if not keep:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
