"""Each dialect's OpenAPI document, Swagger UI and ReDoc, served from this server alone."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from ninja import NinjaAPI
from ninja.openapi.docs import Redoc, Swagger

from backend.dialects.base import Dialect


class LocalSwagger(Swagger):
    def get_openapi_url(self, api: NinjaAPI, path_params: Any) -> str:
        return reverse(f"{api.urls_namespace}-openapi")


class LocalRedoc(Redoc):
    # ReDoc would fetch its logo from its maker's server.
    default_settings = {"hideDownloadButton": False}

    def get_openapi_url(self, api: NinjaAPI, path_params: Any) -> str:
        return reverse(f"{api.urls_namespace}-openapi")


def urls(dialect: Dialect) -> list[URLPattern]:
    """`docs/<dialect>/`, `docs/<dialect>/redoc/` and `docs/<dialect>/openapi.json`."""
    api = dialect.api

    def openapi(request: HttpRequest) -> HttpResponse:
        return JsonResponse(api.get_openapi_schema(path_prefix=f"/{dialect.mount}"))

    def swagger(request: HttpRequest) -> HttpResponse:
        return LocalSwagger({"persistAuthorization": True}).render_page(request, api)

    def redoc(request: HttpRequest) -> HttpResponse:
        return LocalRedoc().render_page(request, api)

    return [
        path(f"docs/{dialect.name}/", swagger, name=f"{dialect.name}-swagger"),
        path(f"docs/{dialect.name}/redoc/", redoc, name=f"{dialect.name}-redoc"),
        path(f"docs/{dialect.name}/openapi.json", openapi, name=f"{dialect.name}-openapi"),
    ]
