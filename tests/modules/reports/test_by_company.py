"""The reports by company are what a plain count over the rows says, after every kind of write."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from backend.core import tally
from backend.core.models import Tally
from backend.modules.companies import actions as companies
from backend.modules.contacts import actions as contacts
from backend.modules.opportunities import actions as opportunities
from backend.modules.reports import tasks
from backend.modules.reports.queries.top_companies import top_companies
from tests import make
from tests.modules.exchange.conftest import Importer
from tests.modules.reports import counting
from tests.modules.reports.counting import COMPANIES, TOP

pytestmark = pytest.mark.django_db

WON = "cerrada_ganada"
STAGES = ("prospecto", "negociacion", WON, "cerrada_perdida")
BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def check(alice, off):
    """Both reports, after each was compared with a plain count and the figures with the rows."""

    def compare():
        assert off() == []
        found, top = alice.get(COMPANIES).json()["data"], alice.get(TOP).json()
        assert (found, top) == (counting.companies(alice), counting.top(alice))
        return found, top

    return compare


class TestAnOpportunity:
    @pytest.mark.parametrize(
        "change",
        [
            {"value": Decimal("0.01")},
            {"currency": "EUR"},
            {"stage": "prospecto"},
            {"stage": "cerrada_perdida"},
            {"company_id": None},
            {"value": Decimal("999999999999.99"), "currency": "USD", "stage": "negociacion"},
        ],
        ids=["value", "currency", "reopened", "lost", "no company", "several"],
    )
    def test_counts_as_it_is_after_a_change(self, alice, check, change):
        company = make.company(alice.actor)
        deal = make.opportunity(alice.actor, company_id=company.pk, stage=WON)
        make.opportunity(alice.actor, company_id=company.pk, value=Decimal("5.05"))
        before = check()
        opportunities.update(alice.actor, deal.pk, **change)
        assert check() != before

    def test_goes_with_another_company(self, alice, check):
        first, second = make.company(alice.actor, name="First"), make.company(alice.actor, name="Second")
        deal = make.opportunity(alice.actor, company_id=first.pk, stage=WON)
        for company in (second, first, second):
            opportunities.update(alice.actor, deal.pk, company_id=company.pk)
            found, top = check()
            assert [row["accountId"] for row in top] == [company.pk]
            assert sorted(row["num_oportunidades"] for row in found) == [0, 1]

    def test_is_gone_when_it_is_deleted_and_the_company_with_it(self, alice, check):
        company = make.company(alice.actor)
        deal = make.opportunity(alice.actor, company_id=company.pk, stage=WON)
        assert len(check()[1]) == 1
        opportunities.delete(alice.actor, deal.pk)
        assert check()[1] == []
        companies.delete(alice.actor, company.pk)
        assert check() == ([], [])

    def test_counts_without_its_contact(self, alice, check):
        company = make.company(alice.actor, name="Acme")
        contact = make.contact(alice.actor, company_name="Acme")
        make.opportunity(alice.actor, company_id=company.pk, contact_id=contact.pk, stage=WON)
        contacts.delete(alice.actor, contact.pk)
        found, top = check()
        assert ([row["num_clientes"] for row in found], [row["wins"] for row in top]) == ([0], [1])

    def test_that_is_rolled_back_never_counted(self, alice, check):
        company = make.company(alice.actor)

        def and_fail():
            with transaction.atomic():
                make.opportunity(alice.actor, company_id=company.pk, stage=WON)
                raise RuntimeError

        before = check()
        with pytest.raises(RuntimeError):
            and_fail()
        assert check() == before


class TestAContact:
    def test_goes_from_company_to_company(self, alice, check):
        for name in ("First", "Second"):
            make.company(alice.actor, name=name)
        contact = make.contact(alice.actor)
        for name, counts in (("First", [1, 0]), ("Second", [0, 1]), ("", [0, 0]), ("Second", [0, 1])):
            contacts.update(alice.actor, contact.pk, company_name=name)
            assert [row["num_clientes"] for row in check()[0]] == counts
        contacts.delete(alice.actor, contact.pk)
        assert [row["num_clientes"] for row in check()[0]] == [0, 0]

    def test_stays_when_its_company_gets_another_name(self, alice, check):
        company = make.company(alice.actor, name="Acme")
        make.company(alice.actor, name="Beta")
        make.contact(alice.actor, company_name="Acme")
        companies.update(alice.actor, company.pk, name="Zeta")
        assert [(row["empresa_nombre"], row["num_clientes"]) for row in check()[0]] == [("Beta", 0), ("Zeta", 1)]


class TestAnImport:
    def test_counts_row_by_row_and_when_it_comes_again(self, alice, check, tmp_path):
        rows = (
            "external_id,assignee,product,company_name,stage,engaged_on,closed_on,value\n"
            "A1,alice,GTXPro,Acme,Won,2017-01-10,2017-03-01,1054\n"
            "A2,alice,GTXPro,Acme,Won,2017-01-11,2017-02-01,55\n"
            "A3,alice,MG Special,Beta,Lost,2017-01-11,2017-02-01,0\n"
        )
        importer = Importer(alice, tmp_path)
        importer.run("opportunity", rows)
        assert [(row["accountName"], row["wins"]) for row in check()[1]] == [("Acme", 2)]
        importer.run("opportunity", rows.replace("Acme,Won,2017-01-11", "Beta,Won,2017-01-11"))
        check()


class TestAnyWrites:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_at_random_leave_both_reports_right(self, alice, check, seed):
        chance = Random(seed)
        places = [make.company(alice.actor, name=f"Company {letter}").pk for letter in "DACB"]
        deals, people = [], []
        for step in range(60):
            where = chance.choice([*places, None])
            fields = {
                "company_id": where,
                "value": Decimal(chance.randrange(4)),
                "currency": chance.choice(["PEN", "EUR"]),
            }
            if step % 3 == 0 or not deals:
                deals.append(make.opportunity(alice.actor, stage=chance.choice(STAGES), **fields).pk)
                people.append(make.contact(alice.actor, company_id=where).pk)
            elif step % 3 == 1:
                opportunities.update(alice.actor, chance.choice(deals), stage=chance.choice(STAGES), **fields)
                contacts.update(alice.actor, chance.choice(people), company_id=where)
            else:
                opportunities.move(alice.actor, chance.choice(deals), stage=chance.choice(STAGES))
            if step % 10 == 9:
                opportunities.delete(alice.actor, deals.pop(chance.randrange(len(deals))))
                contacts.delete(alice.actor, people.pop())
                check()


class TestTheCompaniesThatWonMost:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_are_those_of_the_days_with_ties_in_order(self, alice, seed):
        """Few values, so that wins and sums are often the same."""
        chance = Random(seed)
        places = [make.company(alice.actor).pk for _ in range(8)]
        for _ in range(50):
            make.opportunity(
                alice.actor, company_id=chance.choice(places), stage=chance.choice((WON, WON, "cerrada_perdida")),
                value=Decimal(chance.choice((1, 1, 2))), currency=chance.choice(["PEN", "USD"]),
                at=BEGIN + timedelta(days=chance.randrange(60)),
            )  # fmt: skip
        for limit in (1, 3, 7, 100):
            first = date(2026, 1, 1) + timedelta(days=chance.randrange(40))
            last = first + timedelta(days=chance.randrange(40))
            query = f"{TOP}?limit={limit}&from={first}&to={last}"
            assert alice.get(query).json() == counting.top(alice, limit=limit, first=first, last=last)
            assert alice.get(f"{TOP}?limit={limit}").json() == counting.top(alice, limit=limit)

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's indexes include no columns")
    @pytest.mark.parametrize("days", [{}, {"first": date(2025, 1, 1)}, {"last": date(2027, 1, 1)}])
    def test_are_found_in_an_index_without_reading_rows(self, alice, days):
        make.opportunity(alice.actor, company_id=make.company(alice.actor).pk, stage=WON)
        with CaptureQueriesContext(connection) as asked:
            top_companies(alice.actor, limit=3, **days)
        with connection.cursor() as cursor:
            for way in ("seqscan", "indexscan", "bitmapscan"):  # they stay possible, but never cheaper
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN {asked.captured_queries[-1]['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert plan.count("Index Only Scan using opportunities_won") == 2, plan


class TestDrift:
    def test_is_found_and_mended(self, alice, off, check):
        company = make.company(alice.actor, name="Acme")
        make.contact(alice.actor, company_name="Acme")
        make.opportunity(alice.actor, company_id=company.pk, value=Decimal("12.34"), currency="USD")
        Tally.objects.filter(name__contains="by_company").delete()
        tally.count({(alice.workspace.pk, "opportunities.by_company", f"{company.pk}:EUR"): 2})
        assert [(each.name, each.key, each.kept, each.true) for each in off()] == [
            ("contacts.by_company", f"{company.pk}", 0, 1),
            ("opportunities.by_company", f"{company.pk}:EUR", 2, 0),
            ("opportunities.by_company", f"{company.pk}:USD", 0, 1),
            ("opportunities.by_company.value", f"{company.pk}:USD", 0, 1234),
        ]
        tasks.rebuild_figures(alice.workspace.pk)
        assert check()[0][0]["valor_total_oportunidades"] == 12.34

    def test_every_night_leaves_one_addend_of_each_figure_and_none_of_nothing(self, alice, check):
        company = make.company(alice.actor)
        for _ in range(3):
            make.opportunity(alice.actor, company_id=company.pk)
        opportunities.delete(alice.actor, make.opportunity(alice.actor, company_id=company.pk, currency="EUR").pk)
        before = check()
        tasks.rebuild_figures(alice.workspace.pk)
        kept = list(Tally.objects.filter(name="opportunities.by_company").values_list("key", "amount"))
        assert kept == [(f"{company.pk}:PEN", 3)]
        here = Tally.objects.filter(workspace_id=alice.workspace.pk)
        assert here.count() == here.values("name", "key").distinct().count()
        assert check() == before
