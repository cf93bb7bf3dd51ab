"""Which pages a browser lets read what a web form is answered (CORS): those of the origins that its workspace names."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from backend.modules.intake import queries

START = "/leads/intake/web/"
NO_CONTENT = 204
PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "600",
}


class FormOrigins:
    """Answers the browser's question before it sends a form, and says who may read the answer."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(START):
            return self.get_response(request)
        allowed = _allowed(request)
        response = HttpResponse(status=NO_CONTENT) if _is_question(request) else self.get_response(request)
        for name, value in allowed.items():
            response[name] = value
        patch_vary_headers(response, ["Origin"])
        return response


def _allowed(request: HttpRequest) -> dict[str, str]:
    """The headers that let a page of this origin go on; none for another."""
    origin = request.headers.get("Origin", "")
    if not origin or not queries.may_post(request.path_info.removeprefix(START), origin):
        return {}
    return {"Access-Control-Allow-Origin": origin} | (PREFLIGHT if _is_question(request) else {})


def _is_question(request: HttpRequest) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
