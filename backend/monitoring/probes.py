"""What an orchestrator asks: does the process live, may it be sent requests."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from backend.monitoring import health


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; it asks nothing else, so that a lost database restarts nobody."""
    return _answer({"status": "live"}, HTTPStatus.OK)


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and is migrated, else 503 with the part that is missing."""
    parts = health.readiness()
    is_ready = health.DOWN not in parts.values()
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return _answer({"status": "ready" if is_ready else "not ready", **parts}, status)


def _answer(body: dict[str, Any], status: int) -> JsonResponse:
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


urlpatterns = [path("health/live", live), path("health/ready", ready)]
