"""Each dialect's OpenAPI document, Swagger UI and ReDoc, served from this server alone."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from ninja import NinjaAPI
from ninja.openapi.docs import Redoc, Swagger

from backend.core.content_security import only_from_here
from backend.dialects.base import Dialect

# Both libraries write styles into the page and have small pictures in their style sheets; ReDoc searches in a worker.
guarded = only_from_here(style_src="'self' 'unsafe-inline'", img_src="'self' data:", worker_src="'self' blob:")


class LocalSwagger(Swagger):
    default_settings = {**Swagger.default_settings, "persistAuthorization": True}

    def get_openapi_url(self, api: NinjaAPI, path_params: Any) -> str:
        return reverse(f"{api.urls_namespace}-openapi")


class LocalRedoc(Redoc):
    def get_openapi_url(self, api: NinjaAPI, path_params: Any) -> str:
        return reverse(f"{api.urls_namespace}-openapi")


def urls(dialect: Dialect) -> list[URLPattern]:
    """`docs/<dialect>/`, `docs/<dialect>/redoc/` and `docs/<dialect>/openapi.json`."""
    api = dialect.api

    def openapi(request: HttpRequest) -> HttpResponse:
        return JsonResponse(api.get_openapi_schema(path_prefix=f"/{dialect.mount}"))

    @guarded
    def swagger(request: HttpRequest) -> HttpResponse:
        return LocalSwagger().render_page(request, api)

    @guarded
    def redoc(request: HttpRequest) -> HttpResponse:
        return LocalRedoc().render_page(request, api)

    return [
        path(f"docs/{dialect.name}/", swagger, name=f"{dialect.name}-swagger"),
        path(f"docs/{dialect.name}/redoc/", redoc, name=f"{dialect.name}-redoc"),
        path(f"docs/{dialect.name}/openapi.json", openapi, name=f"{dialect.name}-openapi"),
    ]
