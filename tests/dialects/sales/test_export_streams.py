"""An export under ASGI and under WSGI while it is on its way, and after a client that went away."""

import asyncio
import threading
import time
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from backend.modules.activities.models import Activity
from realtime.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/v1/actividades/export/"
MANY = 8_000


@pytest.fixture
def rows(alice):
    """Eight megabytes, more than any buffer on the way holds; written past the ledger."""
    texts = {"kind": "note", "description": "x" * 1000, "workspace_id": alice.workspace.pk}
    QuerySet(Activity).bulk_create([Activity(subject=str(n), **texts) for n in range(MANY)], batch_size=500)


def download(token: str, *, leave_after: int | None = None) -> list[dict[str, Any]]:
    """What the server sends to a client over ASGI, one that goes away after so many messages if any are named."""
    sent: list[dict[str, Any]] = []

    async def run() -> None:
        inbox: asyncio.Queue = asyncio.Queue()
        inbox.put_nowait({"type": "http.request", "body": b"", "more_body": False})

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)
            if len(sent) == leave_after:
                inbox.put_nowait({"type": "http.disconnect"})
                await asyncio.sleep(30)  # nobody reads any more

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "path": PATH,
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {token}".encode()), (b"host", b"testserver")],
        }
        await asyncio.wait_for(application(scope, inbox.get, send), 60)

    asyncio.run(run())
    return sent


def working_threads() -> int:
    """The threads that are at work or wait for it, without those that Django and the pool keep."""
    return sum(thread.name.startswith("ThreadPoolExecutor") for thread in threading.enumerate())


def busy_connections() -> int:
    """Connections of the pool that somebody has; SQLite has no pool."""
    pool = getattr(connection, "pool", None)
    if pool is None:
        return 0
    figures = pool.get_stats()
    return figures["pool_size"] - figures["pool_available"]


def spoiled_connections() -> int:
    """Connections that came back to the pool in the middle of something, which it threw away."""
    pool = getattr(connection, "pool", None)
    return pool.get_stats().get("returns_bad", 0) if pool else 0


def settles(figure, expected) -> bool:
    until = time.monotonic() + 60
    while figure() != expected and time.monotonic() < until:
        time.sleep(0.02)
    return figure() == expected


class TestUnderAsgi:
    def test_the_file_goes_out_in_many_pieces(self, alice, rows):
        start, *pieces = download(alice.token)
        assert (start["type"], start["status"]) == ("http.response.start", 200)
        assert all(piece["type"] == "http.response.body" for piece in pieces)
        assert pieces[0]["body"].startswith(b"\xef\xbb\xbfID,Tipo")
        assert len([piece for piece in pieces if piece.get("body")]) >= 10
        assert b"".join(piece.get("body", b"") for piece in pieces).count(b"\n") == MANY + 1
        assert not pieces[-1].get("more_body")

    def test_nothing_is_left_behind_it(self, alice, rows):
        token = alice.token
        connection.close()
        before = working_threads(), busy_connections()
        download(token)
        assert settles(lambda: (working_threads(), busy_connections()), before)

    @pytest.mark.parametrize("leave_after", [1, 2, 4])
    def test_nothing_is_left_behind_a_client_that_goes_away(self, alice, rows, leave_after):
        download(alice.token)  # whatever is made once is made
        token = alice.token
        connection.close()
        before, spoiled = (working_threads(), busy_connections()), spoiled_connections()
        for _ in range(3):
            assert len(download(token, leave_after=leave_after)) == leave_after
        assert settles(lambda: (working_threads(), busy_connections()), before)
        assert spoiled_connections() == spoiled

    def test_no_more_is_read_for_a_client_that_goes_away(self, alice, rows):
        began = time.monotonic()
        download(alice.token, leave_after=2)
        assert time.monotonic() - began < 10


class TestUnderWsgi:
    def test_the_connection_works_after_a_client_that_went_away(self, alice, rows):
        answer = alice.get(PATH)
        pieces = iter(answer.streaming_content)
        assert next(pieces).startswith(b"\xef\xbb\xbfID,Tipo")
        assert next(pieces)
        answer.close()
        assert len(alice.get("/api/v1/actividades/?page_size=1").json()["data"]) == 1
