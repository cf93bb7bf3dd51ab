"""The addresses of this server behind which the local storage lies. They belong to no dialect: the signature is all."""

from collections.abc import Iterator
from functools import partial
from os import SEEK_END
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from backend.core.actor import Actor
from backend.dialects import download, neutral
from backend.modules.attachments import keys, queries, storages
from backend.modules.attachments.storages import links

CHUNK = 256 * 1024
GUARDED = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@csrf_exempt
@require_http_methods(["GET", "PUT"])
@neutral.problems
def file(request: HttpRequest, token: str) -> HttpResponse | StreamingHttpResponse:
    """Take or give the file that the signed address names."""
    return _take(request, token) if request.method == "PUT" else _give(request, token)


def _take(request: HttpRequest, token: str) -> HttpResponse:
    link = links.read(links.UploadLink, token)
    queries.upload(Actor.system(keys.workspace_of(link.key)), link.key)
    content_type, length = request.headers.get("Content-Type", ""), request.headers.get("Content-Length")
    storages.local().receive(link, request.read, content_type=content_type, length=length)
    return HttpResponse()


def _give(request: HttpRequest, token: str) -> StreamingHttpResponse:
    link = links.read(links.DownloadLink, token)
    queries.check_kept(Actor.system(keys.workspace_of(link.key)), link.key)
    content = storages.local().open(link.key)
    size = content.seek(0, SEEK_END)
    content.seek(0)
    called = content_disposition_header(as_attachment=True, filename=link.filename)
    headers = GUARDED | {"Content-Disposition": called, "Content-Length": str(size)}
    return download.streamed(request, _pieces(content), content_type=link.content_type, headers=headers)


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    with content:
        yield from iter(partial(content.read, CHUNK), b"")
