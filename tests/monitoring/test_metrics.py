"""What is counted for each request, that its labels are bounded, and what is asked for at each scrape."""

import asyncio
import re

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from backend.core import due
from backend.env import BASE_DIR
from backend.monitoring import metrics
from backend.monitoring.middleware import MetricsMiddleware
from backend.monitoring.tasks import heartbeat
from tests.monitoring.exposed import Exposed

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
REQUESTS = "crisol_http_requests_total"
CLIENT = {"dialect": "onboarding", "route": "/api/clients/<int:client_id>/"}


def exposed() -> Exposed:
    return Exposed(metrics.exposition()[0])


@pytest.fixture
def added(broker):
    """What the requests of the test add to a series."""
    before = exposed()
    return lambda series, **labels: exposed().total(series, **labels) - before.total(series, **labels)


class TestARequest:
    def test_is_counted_under_the_template_of_its_route(self, alice, added):
        for number in (1, 2, 3):
            alice.get(f"/api/clients/{number}/")
        assert added(REQUESTS, **CLIENT, method="GET", status="404") == 3

    def test_is_timed(self, alice, added):
        alice.get("/api/clients/1/")
        assert added("crisol_http_request_duration_seconds_count", **CLIENT, method="GET") == 1
        assert added("crisol_http_request_duration_seconds_bucket", **CLIENT, method="GET", le="+Inf") == 1
        assert added("crisol_http_request_duration_seconds_sum", **CLIENT, method="GET") > 0

    def test_that_breaks_is_an_error(self, added):
        def view(request):
            return HttpResponse(status=500)

        MetricsMiddleware(view)(RequestFactory().get("/"))
        assert added(REQUESTS, method="GET", route="unmatched", status="500") == 1

    def test_of_an_unknown_path_belongs_to_the_dialect_that_answers_for_it(self, client, added):
        client.get("/api/nothing/")
        client.get("/api/v1/nothing/")
        assert added(REQUESTS, dialect="onboarding", route="unmatched", status="404") == 1
        assert added(REQUESTS, dialect="sales", route="unmatched", status="404") == 1

    def test_of_a_page_belongs_to_no_dialect(self, client, added):
        client.get("/health/live")
        client.get("/admin/")
        assert added(REQUESTS, dialect="none", route="/health/live", status="200") == 1
        assert added(REQUESTS, dialect="admin", route="/admin/", status="302") == 1

    def test_of_a_wrong_method_keeps_its_route(self, alice, added):
        alice.delete("/api/clients/")
        assert added(REQUESTS, dialect="onboarding", route="/api/clients/", method="DELETE", status="405") == 1

    def test_is_in_flight_while_it_is_answered_and_not_after(self, added):
        seen = []

        def view(request):
            seen.append(added("crisol_http_requests_in_flight"))
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            MetricsMiddleware(view)(RequestFactory().get("/"))
        assert seen == [1]
        assert added("crisol_http_requests_in_flight") == 0


class TestTheLabels:
    def test_grow_by_nothing_that_a_caller_makes_up(self, client, broker):
        for start in ("/api", "/api/v1", ""):
            client.get(f"{start}/first/")
            client.generic("MADE-UP", f"{start}/first/")
        before = exposed()
        for number in range(200):
            client.get(f"/api/unknown-{number}/")
            client.get(f"/api/v1/unknown-{number}")
            client.get(f"/unknown-{number}?page={number}")
            client.generic(f"METHOD{number}", f"/api/unknown-{number}/")
        after = exposed()
        assert after.series == before.series
        assert after.total(REQUESTS) == before.total(REQUESTS) + 800
        assert after.total(REQUESTS, method="other") == before.total(REQUESTS, method="other") + 200

    def test_have_no_id_in_a_route(self, alice, broker):
        for number in range(20):
            alice.get(f"/api/clients/{777_000 + number}/")
            alice.delete(f"/api/v1/clientes/{777_000 + number}/")
        assert [route for route in exposed().values("route") if "777" in route] == []


class TestTheSockets:
    def test_are_counted_while_they_are_connected(self, broker):
        before = exposed().total("crisol_websockets_open")

        async def connection(scope, receive, send):
            await send("connected")
            await receive()

        async def two_at_once() -> list[float]:
            released, connected, seen = asyncio.Event(), asyncio.Queue(), []
            application = metrics.counting_sockets(connection)
            both = [asyncio.create_task(application({}, released.wait, connected.put)) for _ in range(2)]
            for _ in both:
                await connected.get()
            seen.append(metrics.sockets._value.get() - before)
            released.set()
            await asyncio.gather(*both)
            return [*seen, metrics.sockets._value.get() - before]

        assert asyncio.run(two_at_once()) == [2, 0]

    def test_are_not_counted_for_ever_when_they_break(self, broker):
        before = exposed().total("crisol_websockets_open")

        async def breaks(scope, receive, send):
            raise ConnectionError

        with pytest.raises(ConnectionError):
            asyncio.run(metrics.counting_sockets(breaks)({}, None, None))
        assert exposed().total("crisol_websockets_open") == before


class TestAScrape:
    def test_asks_how_many_tasks_wait_in_each_queue(self, broker):
        queues = ("default", "exports", "mail", "reports")
        nothing = {frozenset({("queue", name)}): 0 for name in queues}
        assert exposed().figures["crisol_queue_depth"] == nothing
        broker.rpush("mail", "one task", "another")
        assert exposed().total("crisol_queue_depth", queue="mail") == 2

    def test_asks_how_many_rows_are_due(self, broker, monkeypatch):
        monkeypatch.setattr(due, "_kinds", {})
        due.declare("emails", lambda: 3)
        due.declare("exports", lambda: 0)
        figures = exposed().figures["crisol_due_rows"]
        assert figures == {frozenset({("kind", "emails")}): 3, frozenset({("kind", "exports")}): 0}

    def test_says_which_part_is_up(self, broker):
        heartbeat()
        parts = dict.fromkeys(("db", "redis", "worker", "storage"), 1.0)
        assert exposed().figures["crisol_up"] == {frozenset({("part", part)}): up for part, up in parts.items()}

    def test_has_all_but_the_queues_without_redis(self, settings, closed):
        settings.REDIS_URL = f"redis://127.0.0.1:{closed}"
        found = exposed()
        assert "crisol_queue_depth" not in found.figures
        assert found.total("crisol_up", part="redis") == 0
        assert found.total("crisol_up", part="db") == 1
        assert REQUESTS in found.figures

    def test_does_not_ask_a_database_that_is_down(self, broker, database_at, closed, monkeypatch):
        monkeypatch.setattr(due, "_kinds", {})
        due.declare("emails", lambda: pytest.fail("asked"))
        database_at(closed)
        found = exposed()
        assert "crisol_due_rows" not in found.figures
        assert found.total("crisol_up", part="db") == 0

    def test_is_text_that_prometheus_reads(self, broker):
        text, content_type = metrics.exposition()
        assert content_type == "text/plain; version=0.0.4; charset=utf-8"
        assert text.endswith(b"\n")
        assert b"_created" not in text

    def test_has_only_series_that_are_documented(self, client, broker, monkeypatch):
        monkeypatch.setattr(due, "_kinds", {})
        due.declare("emails", lambda: 0)
        client.get("/health/live")
        documented = (BASE_DIR / "docs" / "operations.md").read_text()
        series = {re.sub("_(bucket|sum|count)$", "", name) for name in exposed().figures}
        assert [name for name in series if f"`{name}" not in documented] == []

    @pytest.fixture
    def celery_conf(self):
        from celery import current_app

        before = current_app.conf.task_routes
        yield current_app.conf
        current_app.conf.task_routes = before
