"""Health and metrics as the accounts dialect publishes them (accounts.md, "Health & Metrics"), and urbany's health."""

from datetime import datetime
from http import HTTPStatus
from typing import Literal

from django.http import HttpResponse
from django.utils import timezone
from pydantic import Field

from backend.dialects.accounts import accounts
from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import Wire
from backend.monitoring import health, metrics, readers

probes = Resource(accounts, "", tag="Salud y métricas")
urbany_health = Resource(urbany, "/auth/health", tag="Autenticación")

State = Literal["up", "down"]


class Health(Wire):
    db: State = Field(examples=["up"])
    redis: State
    worker: State = Field(description="El reloj, la cola y un proceso de trabajo: un latido en el último minuto")
    storage: State


@probes.get("/health", public=True)
def health_report(request: Call) -> Health:
    """Qué partes responden. 503 si la base de datos no responde; 200 si solo falta otra parte."""
    report = health.report()
    return accounts.answer(Health(**report), health.status(report))  # type: ignore[return-value, arg-type]


@probes.get("/v1/health", public=True)
def health_report_v1(request: Call) -> Health:
    """Lo mismo que `/health`."""
    return health_report(request)


@probes.get("/metrics", public=True)
def metrics_text(request: Call) -> HttpResponse:
    """Las métricas en el formato de texto de Prometheus.

    Con el token de `METRICS_TOKEN` como `Authorization: Bearer`, o desde una dirección de `METRICS_ALLOW`: 401 o 403.
    """
    readers.demand_reader(request)
    text, content_type = metrics.exposition()
    return HttpResponse(text, content_type=content_type)


@probes.get("/v1/metrics", public=True)
def metrics_text_v1(request: Call) -> HttpResponse:
    """Lo mismo que `/metrics`."""
    return metrics_text(request)


class UrbanyHealth(Wire):
    status: Literal["healthy", "unhealthy"]
    timestamp: datetime


@urbany_health.get("/", public=True)
def health_check(request: Call) -> UrbanyHealth:
    """Si el servidor puede responder. 503 y `unhealthy` si la base de datos no responde.

    Qué otras partes responden lo dice `GET /v1/health` (accounts).
    """
    status = health.status(health.report())
    found = UrbanyHealth(status="healthy" if status == HTTPStatus.OK else "unhealthy", timestamp=timezone.now())
    return urbany.answer(found, status)  # type: ignore[return-value]
