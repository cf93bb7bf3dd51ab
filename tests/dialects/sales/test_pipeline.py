"""GET /api/v1/oportunidades/pipeline/."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from tests import make

pytestmark = pytest.mark.django_db

PATH = "/api/v1/oportunidades/pipeline/"
STAGES = ["prospecto", "calificacion", "propuesta", "negociacion", "cerrada_ganada", "cerrada_perdida"]
NOON = datetime(2026, 3, 10, 17, tzinfo=UTC)


@pytest.fixture
def deals(alice):
    """Twenty-five prospects, three proposals in dollars and a sale."""
    prospects = [
        make.opportunity(alice.actor, value=Decimal(number) + Decimal("0.10"), at=NOON + timedelta(hours=number))
        for number in range(25)
    ]
    proposals = [make.opportunity(alice.actor, stage="propuesta", value=200, currency="USD") for _ in range(3)]
    return prospects, proposals, make.opportunity(alice.actor, stage="venta", value=Decimal("50.05"))


def pipeline(who, **query) -> dict:
    answer = who.get(f"{PATH}?{urlencode(query)}")
    assert answer.status_code == 200, answer.content
    return answer.json()


class TestPipeline:
    def test_has_every_stage_in_order_under_the_documented_keys(self, alice, deals):
        body = pipeline(alice)
        assert list(body) == [
            "success",
            "data",
            "message",
            "total_oportunidades",
            "total_valor",
            "por_moneda",
        ]
        assert (body["success"], list(body["data"])) == (True, STAGES)
        assert all(list(each) == ["count", "valor_total", "oportunidades"] for each in body["data"].values())

    def test_counts_and_sums_what_it_does_not_show_too(self, alice, deals):
        body = pipeline(alice)
        first = body["data"]["prospecto"]
        assert (first["count"], first["valor_total"], len(first["oportunidades"])) == (25, 302.5, 20)
        assert (body["total_oportunidades"], body["total_valor"]) == (29, 952.55)
        assert body["por_moneda"]["USD"] == {"count": 3, "total_valor": 600.0, "total_valor_ponderado": 300.0}

    def test_shows_the_twenty_newest_of_a_stage(self, alice, deals):
        shown = pipeline(alice)["data"]["prospecto"]["oportunidades"]
        assert [row["id"] for row in shown] == [deal.pk for deal in reversed(deals[0])][:20]

    def test_shows_each_as_the_list_does(self, alice, deals):
        shown = pipeline(alice)["data"]["prospecto"]["oportunidades"]
        assert shown == alice.get("/api/v1/oportunidades/?etapa=prospecto").json()["data"]

    def test_of_nothing_has_zeros(self, alice):
        body = pipeline(alice)
        assert list(body["data"]) == STAGES
        assert all(each == {"count": 0, "valor_total": 0.0, "oportunidades": []} for each in body["data"].values())
        assert (body["total_oportunidades"], body["total_valor"], body["por_moneda"]) == (0, 0.0, {})

    def test_has_nothing_of_another_workspace(self, stranger, deals):
        assert pipeline(stranger)["total_oportunidades"] == 0

    def test_is_open_to_who_may_read_opportunities(self, dario, deals):
        assert pipeline(dario)["total_oportunidades"] == 29

    @pytest.mark.parametrize(
        ("query", "counts"),
        [
            ({"moneda": "USD"}, [0, 0, 3, 0, 0, 0]),
            ({"estado": "cerrada"}, [0, 0, 0, 0, 1, 0]),
            ({"etapa": "Propuesta"}, [0, 0, 3, 0, 0, 0]),
            ({"valor_min": "20.10", "valor_max": "100"}, [5, 0, 0, 0, 1, 0]),
            ({"fecha_hasta": "2026-03-10"}, [12, 0, 0, 0, 0, 0]),
            ({"cliente_id": 999_999}, [0] * 6),
        ],
    )
    def test_takes_the_filters_of_the_list(self, alice, deals, query, counts):
        body = pipeline(alice, **query)
        assert [each["count"] for each in body["data"].values()] == counts
        assert body["total_oportunidades"] == sum(counts)
        listed = alice.get(f"/api/v1/oportunidades/?{urlencode(query)}").json()
        assert (listed["count"], listed["total_valor"]) == (sum(counts), body["total_valor"])

    def test_refuses_a_stage_that_is_none(self, alice):
        answer = alice.get(f"{PATH}?etapa=nada")
        assert (answer.status_code, list(answer.json()["error"]["details"])) == (400, ["etapa"])

    def test_costs_the_same_number_of_queries_for_any_number_of_rows(self, alice, counted):
        counted(PATH, queries=5)
        for stage in STAGES:
            make.opportunity(alice.actor, stage=stage)
        counted(PATH, queries=5)
