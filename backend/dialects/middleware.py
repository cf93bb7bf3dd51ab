"""What never reaches an operation is answered in the dialect whose path it was: 404, 405, 400, 413, 500."""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import Resolver404, get_resolver, get_script_prefix, resolve
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin
from django.utils.encoding import escape_uri_path, iri_to_uri
from django.utils.http import escape_leading_slashes

from backend.core import errors
from backend.core.errors import DomainError
from backend.dialects.base import Dialect, owner

OF_STATUS: dict[int, type[DomainError]] = {
    400: errors.BrokenJson,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.TooLarge,
}
PERMANENT_REDIRECT = 308


def for_pages(middleware: type[MiddlewareMixin]) -> type[MiddlewareMixin]:
    """The middleware for pages alone: a call of a dialect carries a token, and needs neither session nor cookie."""

    class ForPages(middleware):  # type: ignore[valid-type, misc]
        def __call__(self, request: HttpRequest) -> Any:
            if request.dialect is not None:  # type: ignore[attr-defined]
                return self.get_response(request)
            return super().__call__(request)

        def process_view(self, request: HttpRequest, *view: Any) -> Any:
            check = getattr(super(), "process_view", None)
            return check(request, *view) if check and request.dialect is None else None  # type: ignore[attr-defined]

    return ForPages


PageSessions = for_pages(SessionMiddleware)
PageForgeryProtection = for_pages(CsrfViewMiddleware)
PageLogin = for_pages(AuthenticationMiddleware)
PageMessages = for_pages(MessageMiddleware)
PageFrames = for_pages(XFrameOptionsMiddleware)


class DialectMiddleware:
    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        get_resolver().url_patterns  # noqa: B018 - loads them, which publishes the dialects before the first request

    def __call__(self, request: HttpRequest) -> HttpResponse:
        dialect = owner(request.path_info)
        request.dialect = dialect  # type: ignore[attr-defined]
        if dialect is None:
            return self.get_response(request)
        with translation.override(dialect.language):
            response = self.get_response(request)
        if response.status_code < 400 or response.get("Content-Type") == "application/json":
            return response
        if response.status_code == 404 and (path := self._other_path(dialect, request)):
            return self._redirect(request, path)
        return self._in_dialect(dialect, request, response)

    def _in_dialect(self, dialect: Dialect, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        error = OF_STATUS.get(response.status_code, errors.ServerError)
        headers = {"Allow": response["Allow"]} if "Allow" in response else {}
        return dialect.refuse(error(method=request.method, reason="the request is not acceptable"), headers)

    def _other_path(self, dialect: Dialect, request: HttpRequest) -> str | None:
        """The path with or without a slash at its end, as the dialect has it, if that leads somewhere."""
        path = request.path_info
        if dialect.trailing_slash and not path.endswith("/"):
            path = f"{path}/"
        elif dialect.drops_slash and path.endswith("/"):
            path = path[:-1]
        else:
            return None
        try:
            resolve(path)
        except Resolver404:
            return None
        return path

    def _redirect(self, request: HttpRequest, path: str) -> HttpResponse:
        """308 keeps method and body, which 301 does not."""
        query = f"?{iri_to_uri(text)}" if (text := request.META.get("QUERY_STRING", "")) else ""
        target = escape_leading_slashes(f"{escape_uri_path(get_script_prefix()[:-1] + path)}{query}")
        return HttpResponse(status=PERMANENT_REDIRECT, headers={"Location": target})
