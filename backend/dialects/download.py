"""A file as an answer: sent while it is being made, or whole."""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor

from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

END = object()


class PdfFile(HttpResponse):
    """The answer that is `name`.pdf."""

    def __init__(self, content: bytes, *, name: str) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"', "X-Content-Type-Options": "nosniff"}
        super().__init__(content, content_type="application/pdf", headers=headers)


def csv_file(request: HttpRequest, pieces: Iterator[bytes], *, name: str) -> StreamingHttpResponse:
    """The answer that streams `name`.csv."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "X-Content-Type-Options": "nosniff"}
    return streamed(request, pieces, content_type="text/csv; charset=utf-8", headers=headers)


def streamed(
    request: HttpRequest, pieces: Iterator[bytes], *, content_type: str, headers: dict[str, str]
) -> StreamingHttpResponse:
    """The answer that streams the pieces.

    Under ASGI a plain iterator would be read to its end before the first byte went out, so it gets a thread of its
    own there, which also keeps its database connection in one place.
    """
    stream = _in_a_thread(pieces) if isinstance(request, ASGIRequest) else pieces
    return StreamingHttpResponse(stream, content_type=content_type, headers=headers)


async def _in_a_thread(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=1) as thread:
        try:
            while (piece := await loop.run_in_executor(thread, next, pieces, END)) is not END:
                yield piece  # type: ignore[misc]
        finally:
            await loop.run_in_executor(thread, _end, pieces)


def _end(pieces: Iterator[bytes]) -> None:
    """Leave no half-read result on the connection: a pool would throw it away."""
    if isinstance(pieces, Generator):
        pieces.close()
    connections.close_all()
