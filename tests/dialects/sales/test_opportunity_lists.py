"""The list of opportunities: its pages, filters, orderings and totals."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from urllib.parse import urlencode

import pytest

from tests import make

pytestmark = pytest.mark.django_db

PATH = "/api/v1/oportunidades/"
NOON = datetime(2026, 3, 10, 17, tzinfo=UTC)  # 12:00 in Lima
STAGES = ["prospecto", "calificacion", "propuesta", "negociacion", "cerrada_ganada", "cerrada_perdida"]


@pytest.fixture
def companies(alice):
    return [make.company(alice.actor) for _ in range(2)]


@pytest.fixture
def contacts(alice):
    return [make.contact(alice.actor) for _ in range(3)]


@pytest.fixture
def deals(alice, companies, contacts):
    """Thirty that differ in everything that can be filtered by."""
    return [
        make.opportunity(
            alice.actor,
            name=f"Deal {number:02}",
            stage=STAGES[number % 6],
            currency=("PEN", "USD", "EUR")[number % 3],
            company_id=companies[number % 2].pk,
            contact_id=contacts[number % 3].pk,
            value=Decimal(100 * number) + Decimal("0.37"),
            at=NOON + timedelta(hours=7 * number),
        )
        for number in range(30)
    ]


def listed(who, **query) -> dict:
    answer = who.get(f"{PATH}?{urlencode(query)}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def ids(page) -> list[int]:
    return [row["id"] for row in page["data"]]


class TestThePage:
    def test_has_the_documented_keys_and_twenty_rows_the_newest_first(self, alice, deals):
        page = listed(alice)
        assert list(page) == [
            "count", "next", "previous", "success", "data", "message", "total_valor", "total_valor_ponderado",
            "por_moneda",
        ]  # fmt: skip
        assert (page["count"], page["success"], page["previous"]) == (30, True, None)
        assert page["message"] == "Listado obtenido exitosamente"
        assert page["next"] == "http://testserver/api/v1/oportunidades/?page=2"
        assert ids(page) == [deal.pk for deal in reversed(deals)][:20]
        assert ids(listed(alice, page=2)) == [deal.pk for deal in reversed(deals)][20:]

    def test_keeps_the_filters_in_the_addresses_of_its_neighbours(self, alice, deals):
        page = listed(alice, estado="abierta", page_size=7)
        assert page["next"] == "http://testserver/api/v1/oportunidades/?estado=abierta&page_size=7&page=2"

    def test_shows_each_as_it_is_shown_alone(self, alice, deals):
        [row] = listed(alice, page_size=1)["data"]
        assert alice.get(f"{PATH}{row['id']}/").json()["data"] == row

    @pytest.mark.parametrize("page", ["3", "0", "-1", "x", "1.5", "9" * 30])
    def test_is_a_404_past_the_ends(self, alice, deals, page):
        answer = alice.get(f"{PATH}?page={page}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")

    def test_is_empty_with_zeros_where_there_is_nothing(self, alice):
        page = listed(alice)
        assert (page["count"], page["data"], page["por_moneda"]) == (0, [], {})
        assert (page["total_valor"], page["total_valor_ponderado"]) == (0.0, 0.0)

    def test_has_nothing_of_another_workspace(self, stranger, deals):
        assert listed(stranger)["count"] == 0

    @pytest.mark.parametrize(("query", "number"), [("", 3), ("?etapa=venta&estado=cerrada&moneda=USD", 4)])
    def test_costs_the_same_number_of_queries_for_any_number_of_rows(self, deals, counted, query, number):
        for size in (1, 100):
            counted(f"{PATH}{query or '?'}&page_size={size}", queries=number)


class TestEachFilter:
    """By what each keeps; the rows are numbered as they were made."""

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ({"estado": "abierta"}, lambda n: n % 6 < 4),
            ({"estado": "cerrada"}, lambda n: n % 6 >= 4),
            ({"etapa": "propuesta"}, lambda n: n % 6 == 2),
            ({"etapa": "NEGOCIACIÓN"}, lambda n: n % 6 == 3),
            ({"etapa": "Venta"}, lambda n: n % 6 == 4),
            ({"moneda": "EUR"}, lambda n: n % 3 == 2),
            ({"valor_min": "1000.37"}, lambda n: n >= 10),
            ({"valor_min": "1000.38"}, lambda n: n >= 11),
            ({"valor_max": "1000.37"}, lambda n: n <= 10),
            ({"valor_max": "1000.36"}, lambda n: n <= 9),
            ({"valor_min": 500, "valor_max": 900}, lambda n: 5 <= n <= 8),
            ({"valor_min": "-5"}, lambda n: True),
            ({"valor_min": 900, "valor_max": 500}, lambda n: False),
            ({"cliente_id": 999_999}, lambda n: False),
            ({"fecha_desde": "2027-01-01"}, lambda n: False),
        ],
    )
    def test_keeps_what_matches(self, alice, deals, query, kept):
        page = listed(alice, **query, page_size=100, ordering="id")
        assert ids(page) == [deal.pk for number, deal in enumerate(deals) if kept(number)]
        assert page["count"] == len(page["data"])

    def test_of_client_and_company_keeps_theirs(self, alice, deals, contacts, companies):
        of_contact = listed(alice, cliente_id=contacts[1].pk, page_size=100)
        assert {row["cliente_id"] for row in of_contact["data"]} == {contacts[1].pk}
        of_company = listed(alice, empresa_id=companies[1].pk, page_size=100)
        assert {row["empresa_id"] for row in of_company["data"]} == {companies[1].pk}
        assert (of_contact["count"], of_company["count"]) == (10, 15)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("estado", "ganada"), ("estado", "open"), ("estado", ""), ("etapa", "nada"), ("etapa", ""),
            ("cliente_id", "x"), ("cliente_id", "0"), ("empresa_id", "-1"), ("empresa_id", "9" * 30),
            ("moneda", "pen"), ("moneda", "GBP"), ("valor_min", "mil"), ("valor_min", "NaN"),
            ("valor_max", "Infinity"), ("valor_max", "1e400"), ("valor_max", "1.005"), ("valor_max", "1" * 13),
            ("fecha_desde", "2026-02-30"), ("fecha_hasta", "ayer"), ("fecha_hasta", "1767225600"),
            ("fecha_desde", ""), ("ordering", "secreto"), ("ordering", "nombre,stage"), ("page_size", "101"),
            ("page_size", "0"),
        ],
    )  # fmt: skip
    def test_refuses_what_it_can_not_understand(self, alice, name, value):
        answer = alice.get(f"{PATH}?{urlencode({name: value})}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
        assert list(answer.json()["error"]["details"]) == [name]


class TestTheDays:
    """Both ends are included, and a day is one of Lima: from 05:00 UTC to 05:00 UTC."""

    @pytest.fixture
    def edges(self, alice):
        at = ["2026-03-10T04:59:59.999999", "2026-03-10T05:00:00", "2026-03-11T04:59:59.999999", "2026-03-11T05:00:00"]
        return [make.opportunity(alice.actor, at=datetime.fromisoformat(each).replace(tzinfo=UTC)).pk for each in at]

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ({"fecha_desde": "2026-03-10", "fecha_hasta": "2026-03-10"}, slice(1, 3)),
            ({"fecha_desde": "2026-03-10"}, slice(1, 4)),
            ({"fecha_hasta": "2026-03-10"}, slice(0, 3)),
            ({"fecha_hasta": "2026-03-09"}, slice(0, 1)),
            ({"fecha_desde": "2026-03-11"}, slice(3, 4)),
            ({"fecha_desde": "2026-03-11", "fecha_hasta": "2026-03-10"}, slice(0, 0)),
        ],
    )
    def test_begin_and_end_where_the_workspace_says(self, alice, edges, query, kept):
        assert ids(listed(alice, **query, ordering="id")) == edges[kept]


class TestSeveralFilters:
    def test_keep_what_all_of_them_keep(self, alice, deals, contacts, companies):
        """Every pair of the ten, and all at once."""
        filters = {
            "estado": "abierta",
            "etapa": "propuesta",
            "cliente_id": contacts[2].pk,
            "empresa_id": companies[0].pk,
            "moneda": "EUR",
            "valor_min": "300",
            "valor_max": "2500",
            "fecha_desde": "2026-03-11",
            "fecha_hasta": "2026-03-16",
        }
        alone = {name: set(ids(listed(alice, **{name: value}, page_size=100))) for name, value in filters.items()}
        assert all(0 < len(each) < 30 for each in alone.values())
        for pair in combinations(filters, 2):
            page = listed(alice, **{name: filters[name] for name in pair}, page_size=100)
            assert set(ids(page)) == alone[pair[0]] & alone[pair[1]], pair
        everything = set.intersection(*alone.values())
        assert set(ids(listed(alice, **filters))) == everything != set()


class TestOrdering:
    @pytest.mark.parametrize(
        "word",
        ["nombre", "valor", "probabilidad", "fecha_cierre_estimada", "fecha_cierre_real", "fecha_creacion", "id"],
    )
    def test_goes_up_and_down(self, alice, deals, word):
        for ordering, backwards in ((word, False), (f"-{word}", True)):
            rows = listed(alice, ordering=ordering, page_size=100)["data"]
            shown = [row[word] for row in rows if row[word] is not None]
            key = Decimal if word == "valor" else None
            assert shown == sorted(shown, key=key, reverse=backwards)
            assert all(row[word] is None for row in rows[len(shown) :])

    def test_by_stage_follows_the_pipeline(self, alice, deals):
        rows = listed(alice, ordering="etapa,-valor", page_size=100)["data"]
        assert [row["etapa"] for row in rows] == [stage for stage in STAGES for _ in range(5)]
        assert [row["nombre"] for row in rows[:5]] == [f"Deal {number:02}" for number in (24, 18, 12, 6, 0)]

    def test_never_shows_one_twice_on_two_pages(self, alice, deals):
        pages = [ids(listed(alice, ordering="probabilidad", page=n, page_size=7)) for n in range(1, 6)]
        assert sorted(sum(pages, [])) == sorted(deal.pk for deal in deals)


class TestTheTotals:
    def test_are_over_everything_that_matches_not_the_page(self, alice, deals):
        whole = [each for page in (1, 2) for each in listed(alice, page=page)["data"]]
        for size in (1, 20):
            page = listed(alice, page_size=size)
            assert page["total_valor"] == float(sum(Decimal(row["valor"]) for row in whole)) == 43511.1
            weighted = sum(Decimal(row["valor"]) * row["probabilidad"] / 100 for row in whole)
            assert page["total_valor_ponderado"] == pytest.approx(float(weighted), abs=0.02)

    def test_follow_the_filters(self, alice, deals):
        page = listed(alice, etapa="venta", page_size=2)
        assert (page["count"], page["total_valor"]) == (5, 8001.85)
        assert page["total_valor_ponderado"] == page["total_valor"]
        assert listed(alice, etapa="perdida")["total_valor_ponderado"] == 0.0

    def test_stand_by_currency_as_well(self, alice, deals):
        page = listed(alice)
        assert list(page["por_moneda"]) == ["EUR", "PEN", "USD"]
        assert list(page["por_moneda"]["EUR"]) == ["count", "total_valor", "total_valor_ponderado"]
        for currency, sums in page["por_moneda"].items():
            alone = listed(alice, moneda=currency)
            names = ("count", "total_valor", "total_valor_ponderado")
            assert [sums[name] for name in names] == [alone[name] for name in names]
        for name in ("total_valor", "total_valor_ponderado"):
            assert round(sum(sums[name] for sums in page["por_moneda"].values()), 2) == page[name]

    def test_weigh_a_whole_amount_to_the_cent(self, alice):
        """SQLite divides 1 by 100 as integers."""
        for value in ("1", "12525", "2.01"):
            make.opportunity(alice.actor, value=Decimal(value), probability=25)
        page = listed(alice)
        assert page["total_valor_ponderado"] == 3132.0  # 0.25 + 3131.25 + 0.5025
        assert page["total_valor"] == 12528.01

    def test_hold_large_values(self, alice):
        for _ in range(3):
            make.opportunity(alice.actor, value=Decimal("999999999999.99"), stage="venta")
        assert listed(alice)["total_valor"] == 2999999999999.97
