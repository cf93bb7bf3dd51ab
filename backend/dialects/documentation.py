"""Each dialect's OpenAPI document, Swagger UI and ReDoc, served from this server alone."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from backend.core.content_security import View, only_from_here
from backend.dialects.base import Dialect, registry

KINDS = {"swagger": "Swagger UI", "redoc": "ReDoc"}

# Both libraries write styles into the page and have small pictures in their style sheets; ReDoc searches in a worker.
guarded = only_from_here(style_src="'self' 'unsafe-inline'", img_src="'self' data:", worker_src="'self' blob:")


def urls(dialect: Dialect) -> list[URLPattern]:
    """`docs/<dialect>/`, `docs/<dialect>/redoc/`, `docs/<dialect>/openapi.json`, and the contract's own addresses."""
    views = {"openapi": _document(dialect), **{kind: _page(dialect, kind) for kind in KINDS}}
    start = f"docs/{dialect.name}"
    addresses = {"openapi": f"{start}/openapi.json", "swagger": f"{start}/", "redoc": f"{start}/redoc/"}
    return [
        *(path(address, views[kind], name=f"{dialect.name}-{kind}") for kind, address in addresses.items()),
        *(path(address, views[kind]) for address, kind in dialect.documented_at.items()),
    ]


def _document(dialect: Dialect) -> View:
    @csrf_exempt  # so that what is no reading is a 405, not a forgery
    @require_safe
    def openapi(request: HttpRequest) -> HttpResponse:
        return JsonResponse(dialect.api.get_openapi_schema(path_prefix=f"/{dialect.mount}"))

    return openapi


def _page(dialect: Dialect, kind: str) -> View:
    """The documentation as a page of one kind, with links to that of the other dialects and to its other kinds."""

    @csrf_exempt
    @require_safe
    @guarded
    def page(request: HttpRequest) -> HttpResponse:
        shown = {"dialect": dialect, "dialects": registry, "kind": kind, "kinds": KINDS}
        return render(request, f"documentation/{kind}.html", shown)

    return page
