from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from backend.dialects.base import owner
from backend.monitoring import metrics


class MetricsMiddleware:
    """Count and time each request by the template of its route."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = perf_counter()
        metrics.in_flight.inc()
        try:
            response = self.get_response(request)
        finally:
            metrics.in_flight.dec()
        dialect, route = place(request)
        metrics.observe(
            dialect=dialect,
            method=request.method or "",
            route=route,
            status=response.status_code,
            seconds=perf_counter() - started,
        )
        return response


def place(request: HttpRequest) -> tuple[str, str]:
    """The dialect (or admin) and the template of the path, neither of which a caller can make up."""
    match = request.resolver_match
    if match is not None:
        return (match.namespaces or [metrics.OUTSIDE])[0], f"/{match.route}"
    dialect = owner(request.path_info)
    return dialect.name if dialect else metrics.OUTSIDE, metrics.UNMATCHED
