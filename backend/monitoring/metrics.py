"""The series that this server counts, and their text for Prometheus. Every label has a bounded set of values."""

from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from typing import Any

from django.db import DatabaseError, InterfaceError
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from redis import RedisError

from backend.core import due
from backend.monitoring import broker, health, processes

disable_created_metrics()  # twice as many series, for nothing that a query needs
registry = CollectorRegistry()

UNMATCHED = "unmatched"  # the route of a request that no operation answered
OUTSIDE = "none"  # the dialect of a page that belongs to none
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds

requests = Counter(
    "crisol_http_requests",
    "Requests answered, by their final status.",
    ["dialect", "method", "route", "status"],
    registry=registry,
)
duration = Histogram(
    "crisol_http_request_duration_seconds",
    "Time until the answer's headers; the body of a streamed answer comes after.",
    ["dialect", "method", "route"],
    buckets=BUCKETS,
    registry=registry,
)
in_flight = Gauge(
    "crisol_http_requests_in_flight",
    "Requests being answered now, this scrape among them.",
    multiprocess_mode="livesum",
    registry=registry,
)
sockets = Gauge("crisol_websockets_open", "Websockets connected now.", multiprocess_mode="livesum", registry=registry)


@cache  # bounded, as the labels are
def _series(dialect: str, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return requests.labels(dialect, method, route, status), duration.labels(dialect, method, route)


def observe(*, dialect: str, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request. `route` is the template of its path, never the path."""
    counter, histogram = _series(dialect, method if method in METHODS else "other", route, status)
    counter.inc()
    histogram.observe(seconds)


Application = Callable[[Any, Any, Any], Awaitable[None]]


def counting_sockets(application: Application) -> Application:
    """The ASGI application for websockets, with its connections counted while they last."""

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        with sockets.track_inprogress():
            await application(scope, receive, send)

    return counted


class Depths(Collector):
    """Figures that are asked for at each scrape. What does not answer has no figure then, and `crisol_up` says so."""

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        report = health.report()
        up = {part: float(state == health.UP) for part, state in report.items()}
        yield gauge("crisol_up", "Whether a part that the server depends on answers.", "part", up)
        if report["redis"] == health.UP:
            yield from self.of_queues()
        if report["db"] == health.UP:
            yield from self.of_tables()

    def of_queues(self) -> Iterator[GaugeMetricFamily]:
        try:
            depths = broker.waiting()
        except RedisError:
            return  # gone since the report; the next scrape says so
        yield gauge("crisol_queue_depth", "Tasks that wait in a queue of the broker.", "queue", depths)

    def of_tables(self) -> Iterator[GaugeMetricFamily]:
        try:
            rows = due.counts()
        except (DatabaseError, InterfaceError):
            return
        yield gauge("crisol_due_rows", "Rows whose time has come and that no worker has done yet.", "kind", rows)


def gauge(name: str, text: str, label: str, figures: dict[str, Any]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, figure in figures.items():
        family.add_metric([value], figure)
    return family


def exposition() -> tuple[bytes, str]:
    """Every series as Prometheus reads it, over all processes of this machine: the text and its content type."""
    counted = processes.collected(processes.joined.folder) if processes.joined else registry
    asked = CollectorRegistry()
    asked.register(Depths())
    return generate_latest(counted) + generate_latest(asked), CONTENT_TYPE_PLAIN_0_0_4
