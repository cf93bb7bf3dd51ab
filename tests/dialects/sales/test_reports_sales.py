"""GET /api/v1/reportes/ventas/: won opportunities by the day they were closed, in the workspace's time zone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from backend.modules.opportunities import actions
from tests import make
from tests.dialects.sales import deals

pytestmark = pytest.mark.django_db

PATH = "/api/v1/reportes/ventas/"
YEAR = "fecha_inicio=2026-01-01&fecha_fin=2026-12-31"


def of(person, query=""):
    answer = person.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()["data"]


def won(person, moment, value="100.00", currency="PEN"):
    made = make.opportunity(person.actor, at=moment - timedelta(days=1), value=Decimal(value), currency=currency)
    return actions.move(person.actor, made.pk, stage="cerrada_ganada", at=moment)


def names(found):
    return [each["periodo"] for each in found["ventas_por_periodo"]]


def sums(rows):
    return {"num_ventas": len(rows), "valor_total": float(sum((deal.value for deal in rows), Decimal(0)))}


def by_currency(rows):
    return {
        currency: sums([deal for deal in rows if deal.currency == currency])
        for currency in sorted({deal.currency for deal in rows})
    }


class TestTheFigures:
    @pytest.mark.parametrize("grouping", ["dia", "semana", "mes"])
    @pytest.mark.parametrize("seed", [1, 2])
    def test_are_those_of_the_deals(self, alice, seed, grouping):
        made = [deal for deal in deals.at_random(alice.actor, seed) if deal.stage == deals.WON]
        first, last = date(2026, 2, 10), date(2026, 8, 19)
        found = of(alice, f"fecha_inicio={first}&fecha_fin={last}&agrupar_por={grouping}")
        inside = [deal for deal in made if first <= deal.closed_on <= last]
        assert inside
        day = first
        for bucket in found["ventas_por_periodo"]:
            start, end = date.fromisoformat(bucket["fecha_inicio"]), date.fromisoformat(bucket["fecha_fin"])
            assert start == day <= end  # no gap, no overlap
            rows = [deal for deal in inside if start <= deal.closed_on <= end]
            assert {name: bucket[name] for name in sums(rows)} == sums(rows)
            assert bucket["por_moneda"] == by_currency(rows)
            day = end + timedelta(days=1)
        assert day == last + timedelta(days=1)
        summary = found["resumen"]
        assert {name: summary[name] for name in sums(inside)} == sums(inside)
        average = {key: each.pop("valor_promedio") for key, each in summary["por_moneda"].items()}
        assert summary["por_moneda"] == by_currency(inside)
        for key, each in by_currency(inside).items():
            assert average[key] == pytest.approx(each["valor_total"] / each["num_ventas"], abs=0.0051)

    def test_of_one_currency_are_those_of_its_breakdown(self, alice):
        deals.at_random(alice.actor, 3)
        whole = of(alice, YEAR)["resumen"]["por_moneda"]
        for currency in deals.CURRENCIES:
            found = of(alice, f"{YEAR}&moneda={currency}")
            assert found["periodo"]["moneda"] == currency
            assert found["resumen"] == whole[currency] | {"por_moneda": {currency: whole[currency]}}

    def test_of_no_sales_are_zeros(self, alice):
        nothing = {"num_ventas": 0, "valor_total": 0.0, "valor_promedio": 0.0, "por_moneda": {}}
        assert of(alice)["resumen"] == nothing

    def test_follow_a_write_at_once(self, alice):
        made = make.opportunity(alice.actor, value=Decimal("70.10"))
        assert of(alice)["resumen"]["num_ventas"] == 0
        move = f"/api/v1/oportunidades/{made.pk}/actualizar-etapa/"
        assert alice.patch(move, {"etapa": "cerrada_ganada"}).status_code == 200
        assert of(alice)["resumen"]["valor_total"] == 70.1
        assert alice.patch(move, {"etapa": "propuesta"}).status_code == 200
        assert of(alice)["resumen"]["num_ventas"] == 0

    def test_count_nothing_of_another_workspace(self, alice, stranger):
        won(stranger, datetime(2026, 5, 5, tzinfo=UTC))
        assert of(alice, YEAR)["resumen"]["num_ventas"] == 0


class TestADay:
    @pytest.mark.parametrize(
        ("moment", "day"),
        [
            (datetime(2026, 3, 10, 23, 30, tzinfo=deals.LIMA), "2026-03-10"),
            (datetime(2026, 3, 11, 0, 0, tzinfo=deals.LIMA), "2026-03-11"),
            (datetime(2026, 3, 11, 4, 59, 59, tzinfo=UTC), "2026-03-10"),
            (datetime(2026, 3, 11, 5, 0, tzinfo=UTC), "2026-03-11"),
        ],
    )
    def test_is_one_of_the_workspace_s_time_zone(self, alice, moment, day):
        won(alice, moment)
        found = of(alice, "fecha_inicio=2026-03-09&fecha_fin=2026-03-12&agrupar_por=dia")
        assert {each["periodo"]: each["num_ventas"] for each in found["ventas_por_periodo"]} == {
            f"2026-03-{number:02}": int(f"2026-03-{number:02}" == day) for number in range(9, 13)
        }

    def test_is_in_the_period_at_both_ends(self, alice):
        for number in (9, 10, 11, 12):
            won(alice, datetime(2026, 3, number, 12, tzinfo=deals.LIMA))
        assert of(alice, "fecha_inicio=2026-03-10&fecha_fin=2026-03-11")["resumen"]["num_ventas"] == 2


class TestTheBuckets:
    def test_are_months_unless_asked_otherwise(self, alice):
        found = of(alice, "fecha_inicio=2027-12-30&fecha_fin=2028-02-29")
        assert found["periodo"] == {
            "fecha_inicio": "2027-12-30", "fecha_fin": "2028-02-29", "agrupar_por": "mes", "moneda": None,
        }  # fmt: skip
        spans = [(each["periodo"], each["fecha_inicio"], each["fecha_fin"]) for each in found["ventas_por_periodo"]]
        assert spans == [
            ("2027-12", "2027-12-30", "2027-12-31"),
            ("2028-01", "2028-01-01", "2028-01-31"),
            ("2028-02", "2028-02-01", "2028-02-29"),
        ]

    def test_of_weeks_begin_on_monday_and_bear_the_iso_year(self, alice):
        found = of(alice, "fecha_inicio=2026-12-26&fecha_fin=2027-01-05&agrupar_por=semana")
        spans = [(each["periodo"], each["fecha_inicio"], each["fecha_fin"]) for each in found["ventas_por_periodo"]]
        assert spans == [
            ("2026-W52", "2026-12-26", "2026-12-27"),
            ("2026-W53", "2026-12-28", "2027-01-03"),
            ("2027-W01", "2027-01-04", "2027-01-05"),
        ]

    def test_have_the_documented_keys_in_their_order(self, alice):
        found = of(alice)
        assert list(found) == ["periodo", "resumen", "ventas_por_periodo"]
        assert list(found["ventas_por_periodo"][0]) == [
            "periodo", "fecha_inicio", "fecha_fin", "num_ventas", "valor_total", "por_moneda",
        ]  # fmt: skip

    def test_may_be_a_thousand_and_not_one_more(self, alice):
        last = date(2026, 1, 1) + timedelta(days=999)
        query = "fecha_inicio=2026-01-01&agrupar_por=dia&fecha_fin="
        assert len(names(of(alice, f"{query}{last}"))) == 1000
        answer = alice.get(f"{PATH}?{query}{last + timedelta(days=1)}")
        assert answer.status_code == 400
        assert list(answer.json()["error"]["details"]) == ["fecha_fin"]


class TestThePeriod:
    def test_is_the_last_thirty_days_unless_asked_otherwise(self, alice):
        today = alice.actor.today
        found = of(alice, "agrupar_por=dia")
        assert names(found) == [str(today - timedelta(days=days)) for days in reversed(range(30))]

    def test_without_a_beginning_has_thirty_days(self, alice):
        found = of(alice, "fecha_fin=2026-03-30&agrupar_por=dia")
        assert (found["periodo"]["fecha_inicio"], len(names(found))) == ("2026-03-01", 30)

    def test_may_be_one_day(self, alice):
        assert names(of(alice, "fecha_inicio=2026-03-01&fecha_fin=2026-03-01&agrupar_por=dia")) == ["2026-03-01"]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("fecha_inicio=2026-03-02&fecha_fin=2026-03-01", "fecha_inicio"),
            ("fecha_inicio=2999-01-01", "fecha_inicio"),
            ("fecha_inicio=2026-02-30", "fecha_inicio"),
            ("fecha_fin=ayer", "fecha_fin"),
            ("fecha_inicio=1900-01-01&fecha_fin=9000-12-31", "fecha_fin"),
            ("agrupar_por=month", "agrupar_por"),
            ("moneda=GBP", "moneda"),
        ],
    )
    def test_that_makes_no_sense_is_refused_by_field(self, alice, query, field):
        answer = alice.get(f"{PATH}?{query}")
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], list(error["details"])) == (400, "VALIDATION_ERROR", [field])
