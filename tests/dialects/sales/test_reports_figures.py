"""GET /api/v1/reportes/{dashboard, conversion, clientes-por-empresa}/: each figure is that of the rows behind it."""

from collections import Counter
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.utils import timezone

from tests import make, people
from tests.dialects.sales import deals

pytestmark = pytest.mark.django_db

REPORTS = ("dashboard", "ventas", "conversion", "clientes-por-empresa")
KINDS = {"llamada": "call", "correo": "email", "reunion": "meeting", "tarea": "task", "nota": "note"}
seeds = pytest.mark.parametrize("seed", [1, 2, 3])


def report(person, name):
    answer = person.get(f"/api/v1/reportes/{name}/")
    assert answer.status_code == 200, answer.content
    assert answer.json()["message"] == "Reporte obtenido exitosamente"
    return answer.json()["data"]


def value(rows):
    return float(sum((deal.value for deal in rows), Decimal(0)))


def cents(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def values(rows):
    open_ = [deal for deal in rows if deal.is_open]
    weighted = [
        cents(sum((deal.value * deal.probability / 100 for deal in open_ if deal.currency == currency), Decimal(0)))
        for currency in deals.CURRENCIES
    ]
    return {
        "total": value(rows),
        "abierto": value(open_),
        "ponderado": float(sum(weighted)),
        "ganado": value([deal for deal in rows if deal.stage == deals.WON]),
        "perdido": value([deal for deal in rows if deal.stage == deals.LOST]),
    }


def by_currency(rows, figures):
    return {
        currency: figures([deal for deal in rows if deal.currency == currency])
        for currency in sorted({deal.currency for deal in rows})
    }


class TestTheDashboard:
    @seeds
    def test_has_the_figures_of_the_deals(self, alice, seed):
        made = deals.at_random(alice.actor, seed)
        found = report(alice, "dashboard")
        stages = Counter(deal.stage for deal in made)
        assert found["valores"] == values(made) | {"por_moneda": by_currency(made, values)}
        assert list(found["oportunidades_por_etapa"].items()) == [
            (stage, {"count": stages[stage], "valor_total": value([deal for deal in made if deal.stage == stage])})
            for stage in deals.STAGES
        ]
        totals = found["totales"]
        assert (totals["empresas"], totals["oportunidades"]) == (4, len(made))
        assert totals["oportunidades_abiertas"] == sum(deal.is_open for deal in made)
        assert totals["oportunidades_ganadas"] == stages[deals.WON]
        assert totals["oportunidades_perdidas"] == stages[deals.LOST]

    def test_agrees_with_the_totals_of_the_lists(self, alice):
        deals.at_random(alice.actor, 4)
        found = report(alice, "dashboard")
        for path, total, weighted in (("", "total", None), ("?estado=abierta", "abierto", "ponderado")):
            listed = alice.get(f"/api/v1/oportunidades/{path}").json()
            assert listed["total_valor"] == found["valores"][total]
            assert weighted is None or listed["total_valor_ponderado"] == found["valores"][weighted]

    def test_counts_activities_by_kind_and_what_is_still_to_be_done(self, alice):
        for kind, status in (("call", "pending"), ("call", "completed"), ("task", "pending"), ("note", "cancelled")):
            make.activity(alice.actor, kind=kind, status=status)
        found = report(alice, "dashboard")
        assert found["actividades_por_tipo"] == {"llamada": 2, "correo": 0, "reunion": 0, "tarea": 1, "nota": 1}
        assert (found["totales"]["actividades"], found["totales"]["actividades_pendientes"]) == (4, 2)

    def test_is_zeros_in_an_empty_workspace(self, alice):
        found = report(alice, "dashboard")
        assert set(found["totales"].values()) == {0}
        assert found["valores"] == values([]) | {"por_moneda": {}}
        assert found["oportunidades_por_etapa"] == {stage: {"count": 0, "valor_total": 0.0} for stage in deals.STAGES}
        assert found["actividades_por_tipo"] == dict.fromkeys(KINDS, 0)

    def test_weighs_whole_and_broken_amounts_alike(self, alice):
        for amount in ("5", "0.10"):
            make.opportunity(alice.actor, value=Decimal(amount), probability=25)
        assert report(alice, "dashboard")["valores"]["ponderado"] == 1.28  # 1.275


class TestConversion:
    @seeds
    def test_has_the_figures_of_the_deals(self, alice, seed):
        made = deals.at_random(alice.actor, seed)
        won = sum(deal.stage == deals.WON for deal in made)
        closed = [deal for deal in made if not deal.is_open]
        assert 0 < won < len(closed)
        days = sum(deal.days_to_close for deal in closed) / len(closed)
        assert report(alice, "conversion") == {
            "total_oportunidades_creadas": len(made),
            "total_cerradas_ganadas": won,
            "total_cerradas_perdidas": len(closed) - won,
            "tasa_conversion_general": round(100 * won / len(closed), 2),
            "conversion_por_etapa": [passage(stage, made) for stage in deals.OPEN],
            "tiempo_promedio_cierre_dias": pytest.approx(days, abs=0.0051),
        }

    def test_has_no_rate_and_no_time_before_anything_is_closed(self, alice):
        make.opportunity(alice.actor)
        found = report(alice, "conversion")
        assert (found["tasa_conversion_general"], found["tiempo_promedio_cierre_dias"]) == (0.0, None)

    def test_takes_no_time_for_what_is_created_closed(self, alice):
        make.opportunity(alice.actor, stage="cerrada_ganada")
        assert str(report(alice, "conversion")["tiempo_promedio_cierre_dias"]) == "0.0"

    @pytest.mark.parametrize(
        ("stages", "advanced"),
        [
            ((), False),
            (("calificacion",), True),
            (("cerrada_ganada",), True),
            (("cerrada_perdida",), False),
            (("negociacion", "prospecto"), True),
            (("cerrada_perdida", "propuesta"), True),
        ],
    )
    def test_advances_by_entering_a_later_stage_that_is_not_lost(self, alice, stages, advanced):
        moment = timezone.now() - timedelta(days=9)
        history = [(stage, moment + timedelta(days=day)) for day, stage in enumerate(("prospecto", *stages))]
        deals.write(alice.actor, deals.Deal(None, Decimal(1), "PEN", 10, history))
        first = report(alice, "conversion")["conversion_por_etapa"][0]
        assert first == {
            "etapa": "prospecto", "nombre": "Prospecto", "entraron": 1, "avanzaron": int(advanced),
            "tasa": 100.0 * advanced,
        }  # fmt: skip

    def test_counts_no_advance_from_before_the_stage(self, alice):
        moment = timezone.now() - timedelta(days=9)
        history = [("negociacion", moment), ("prospecto", moment + timedelta(days=1))]
        deals.write(alice.actor, deals.Deal(None, Decimal(1), "PEN", 10, history))
        assert report(alice, "conversion")["conversion_por_etapa"][0]["avanzaron"] == 0


def passage(stage, made):
    """By walking through each history."""
    visits = [(deal, [at for at, (name, _) in enumerate(deal.history) if name == stage]) for deal in made]
    entered = [(deal, places[0]) for deal, places in visits if places]
    further = deals.STAGES[deals.STAGES.index(stage) + 1 : -1]
    advanced = sum(any(name in further for name, _ in deal.history[place:]) for deal, place in entered)
    return {
        "etapa": stage,
        "nombre": {"calificacion": "Calificación", "negociacion": "Negociación"}.get(stage, stage.title()),
        "entraron": len(entered),
        "avanzaron": advanced,
        "tasa": round(100 * advanced / len(entered), 2) if entered else 0.0,
    }


class TestClientsByCompany:
    @seeds
    def test_has_the_figures_of_the_deals(self, alice, seed):
        made = deals.at_random(alice.actor, seed)
        companies = {deal.company.pk: deal.company for deal in made if deal.company}
        for number, company in enumerate(companies.values()):
            for _ in range(number):
                make.contact(alice.actor, company_name=company.name)
        assert report(alice, "clientes-por-empresa") == [
            {
                "empresa_id": company.pk,
                "empresa_nombre": company.name,
                "num_clientes": list(companies).index(company.pk),
            }
            | worth(rows := [deal for deal in made if deal.company == company])
            | {"por_moneda": by_currency(rows, worth)}
            for company in sorted(companies.values(), key=lambda company: company.name)
        ]

    def test_counts_three_clients_and_four_opportunities_as_three_and_four(self, alice):
        company = make.company(alice.actor, name="Acme")
        for _ in range(3):
            make.contact(alice.actor, company_name="Acme")
        for amount in ("10.10", "20.20", "30.30", "40.40"):
            make.opportunity(alice.actor, company_id=company.pk, value=Decimal(amount))
        assert report(alice, "clientes-por-empresa") == [
            {
                "empresa_id": company.pk, "empresa_nombre": "Acme", "num_clientes": 3, "num_oportunidades": 4,
                "valor_total_oportunidades": 101.0,
                "por_moneda": {"PEN": {"num_oportunidades": 4, "valor_total_oportunidades": 101.0}},
            }
        ]  # fmt: skip

    def test_shows_a_company_without_anything_and_nothing_without_a_company(self, alice):
        company = make.company(alice.actor, name="Empty")
        make.contact(alice.actor)
        make.opportunity(alice.actor)
        assert report(alice, "clientes-por-empresa") == [
            {"empresa_id": company.pk, "empresa_nombre": "Empty", "num_clientes": 0} | worth([]) | {"por_moneda": {}}
        ]


def worth(rows):
    return {"num_oportunidades": len(rows), "valor_total_oportunidades": value(rows)}


class TestEveryReport:
    def test_follows_a_write_at_once(self, alice):
        company = make.company(alice.actor)
        made = make.opportunity(alice.actor, company_id=company.pk)
        assert report(alice, "conversion")["total_cerradas_ganadas"] == 0
        alice.patch(f"/api/v1/oportunidades/{made.pk}/", {"resultado": "ganada", "valor": "7.50"})
        assert report(alice, "conversion")["total_cerradas_ganadas"] == 1
        assert report(alice, "dashboard")["valores"]["ganado"] == 7.5
        assert report(alice, "clientes-por-empresa")[0]["valor_total_oportunidades"] == 7.5
        alice.delete(f"/api/v1/oportunidades/{made.pk}/")
        assert report(alice, "conversion")["conversion_por_etapa"][0]["entraron"] == 0
        assert report(alice, "clientes-por-empresa")[0]["num_oportunidades"] == 0

    @pytest.mark.parametrize("name", REPORTS)
    def test_has_nothing_of_another_workspace(self, alice, stranger, name):
        before = report(alice, name)
        deals.at_random(stranger.actor, 5, count=8)
        make.contact(stranger.actor, company_name="Company A")
        make.activity(stranger.actor)
        assert report(alice, name) == before

    @pytest.mark.parametrize("name", REPORTS)
    def test_needs_its_permission(self, alice, ours, dario, name):
        answer = dario.get(f"/api/v1/reportes/{name}/")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "PERMISSION_DENIED")
        report(people.person_holding(ours, "reports.view"), name)

    @pytest.mark.parametrize("name", REPORTS)
    def test_costs_few_queries_whatever_there_is(self, alice, client, django_assert_num_queries, name):
        deals.at_random(alice.actor, 6, count=12)
        headers = {"Authorization": f"Bearer {alice.token}"}
        with django_assert_num_queries(3):  # one of them finds out who calls
            assert client.get(f"/api/v1/reportes/{name}/", headers=headers).status_code == 200
