"""GET /api/contratos/stats/ and /api/contratos/expiring/, POST /api/contratos/generate-mock/."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.utils import timezone

from backend.modules.contracts.models import Contract
from tests import make, people, stored
from tests.dialects.urbany.contracting import CONTRACTS, EXPIRING, MOCK, STATS, created, in_days
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED

pytestmark = pytest.mark.django_db

SHOWN = [
    "total_contracts", "by_status", "by_type", "total_value", "total_commission", "avg_commission_rate",
    "contracts_this_month", "expiring_soon", "by_currency",
]  # fmt: skip
NO_STATUS = dict.fromkeys(("Draft", "Active", "Signed", "Completed", "Cancelled", "Expired"), 0)
NO_TYPE = dict.fromkeys(("Sale", "Rent", "Lease", "Management"), 0)
SECOND = timedelta(seconds=1)
SOON = [(-1, False), (0, True), (30, True), (31, False)]


def stats(who):
    answer = who.get(STATS)
    assert answer.status_code == 200, answer.content
    return answer.json()


def expiring(who, query=""):
    answer = who.get(f"{EXPIRING}?{query}")
    assert answer.status_code == 200, answer.content
    assert answer.json()["count"] == len(answer.json()["contracts"])
    return answer.json()["contracts"]


@pytest.fixture
def now(monkeypatch):
    """Sets the moment that it is."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


class TestStatistics:
    def test_of_no_contract_are_zeros(self, alice):
        assert stats(alice) == {
            "total_contracts": 0, "by_status": NO_STATUS, "by_type": NO_TYPE, "total_value": "0.00",
            "total_commission": "0.00", "avg_commission_rate": "0.00", "contracts_this_month": 0, "expiring_soon": 0,
            "by_currency": {},
        }  # fmt: skip

    def test_are_figures_one_can_work_out_by_hand(self, alice):
        created(alice, contract_type="Sale", contract_value="1000.10", commission_rate="5", status="Active")
        created(alice, contract_type="Sale", contract_value="0.05", commission_rate="2.50", currency="USD")
        created(alice, contract_type="Rent", contract_value="99.99", commission_rate="0.01")
        found = stats(alice)
        assert list(found) == SHOWN
        assert found == {
            "total_contracts": 3, "by_status": NO_STATUS | {"Draft": 2, "Active": 1},
            "by_type": NO_TYPE | {"Sale": 2, "Rent": 1}, "total_value": "1100.14", "total_commission": "50.02",
            "avg_commission_rate": "2.50", "contracts_this_month": 3, "expiring_soon": 0,
            "by_currency": {
                "PEN": {"count": 2, "total_value": "1100.09", "total_commission": "50.02"},
                "USD": {"count": 1, "total_value": "0.05", "total_commission": "0.00"},
            },
        }  # fmt: skip

    def test_round_the_average_half_up(self, alice):
        for rate in ("0.01", "0.02"):  # 0.015
            created(alice, commission_rate=rate)
        assert stats(alice)["avg_commission_rate"] == "0.02"

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_are_to_the_cent_those_of_the_rows(self, alice, seed):
        draw = random.Random(seed)  # noqa: S311
        for _ in range(30):
            make.contract(
                alice.actor,
                value=Decimal(draw.randrange(10**9)) / 100,
                commission_rate=Decimal(draw.randrange(10_001)) / 100,
                currency=draw.choice(["PEN", "USD", "EUR"]),
            )
        rows, found = list(Contract.objects.of(alice.actor)), stats(alice)
        mean = sum(row.commission_rate for row in rows) / len(rows)
        assert Decimal(found["total_value"]) == sum(row.value for row in rows)
        assert Decimal(found["total_commission"]) == sum(row.commission_amount for row in rows)
        assert Decimal(found["avg_commission_rate"]) == mean.quantize(Decimal("0.01"), ROUND_HALF_UP)
        for currency, sums in found["by_currency"].items():
            of_it = [row for row in rows if row.currency == currency]
            assert (sums["count"], Decimal(sums["total_value"])) == (len(of_it), sum(row.value for row in of_it))

    @pytest.mark.parametrize(
        ("zone", "first_moment"),
        [
            ("America/Lima", datetime(2026, 3, 1, 5, tzinfo=UTC)),
            ("Pacific/Auckland", datetime(2026, 2, 28, 11, tzinfo=UTC)),
            ("UTC", datetime(2026, 3, 1, tzinfo=UTC)),
        ],
    )
    def test_count_this_month_as_the_workspace_s_calendar_has_it(self, ours, now, zone, first_moment):
        ours.time_zone = zone
        people.writing(ours.pk, ours.save)
        agent = people.person("agent", ours, "sales")
        for moment in (first_moment - 30 * SECOND, first_moment - SECOND, first_moment):
            now(moment)
            make.contract(agent.actor)
        assert stats(agent)["contracts_this_month"] == 1
        now(first_moment - SECOND)
        assert stats(agent)["contracts_this_month"] == 3

    @pytest.mark.parametrize(("days", "is_soon"), SOON)
    def test_count_as_expiring_soon_what_expiring_lists(self, alice, days, is_soon):
        created(alice, status="Active", end_date=in_days(alice, days))
        assert (stats(alice)["expiring_soon"], len(expiring(alice))) == ((1, 1) if is_soon else (0, 0))

    def test_agree_with_the_list(self, alice, stranger):
        make.contract(stranger.actor)
        alice.post(MOCK, {"count": 40})
        rows, found = alice.get(f"{CONTRACTS}?page_size=100").json()["results"], stats(alice)
        assert found["total_contracts"] == len(rows) == 40
        assert found["by_status"] == NO_STATUS | Counter(row["status"] for row in rows)
        assert found["by_type"] == NO_TYPE | Counter(row["contract_type"] for row in rows)
        assert Decimal(found["total_value"]) == sum(Decimal(row["contract_value"]) for row in rows)

    @pytest.mark.parametrize("number", [1, 20])
    def test_cost_the_same_queries_however_many_there_are(self, alice, counted, number):
        alice.post(MOCK, {"count": number})
        counted(STATS, queries=4)


class TestExpiring:
    def test_shows_what_the_document_shows(self, alice):
        made = created(alice, title="Renta", client_name="Ana López", status="Active", end_date=in_days(alice, 14))
        assert alice.get(EXPIRING).json() == {
            "count": 1,
            "contracts": [
                {
                    "id": made["id"], "contract_number": made["contract_number"], "title": "Renta",
                    "client_name": "Ana López", "end_date": in_days(alice, 14), "days_to_expire": 14,
                    "status": "Active",
                }
            ],
        }  # fmt: skip

    @pytest.mark.parametrize("days", [0, 1, 15, 3650])
    def test_has_today_and_the_last_of_the_days_and_none_beyond(self, alice, days):
        for end in (-1, 0, days, days + 1):
            created(alice, status="Active", end_date=in_days(alice, end))
        assert [row["days_to_expire"] for row in expiring(alice, f"days={days}")] == [0, days]

    def test_has_what_is_in_force_alone_the_nearest_first(self, alice):
        end = {"end_date": in_days(alice, 5)}
        draft, gone, done = created(alice, **end), created(alice, **end), created(alice, **end)
        signed = {"status": "Signed", "signed_date": in_days(alice, 0)}
        alice.put(f"{CONTRACTS}{gone['id']}/", {"status": "Cancelled"})
        for body in ({"status": "Active"}, signed, {"status": "Completed"}):
            assert alice.put(f"{CONTRACTS}{done['id']}/", body).status_code == 200
        created(alice, **signed, **end)
        created(alice, status="Active", end_date=in_days(alice, 2))
        created(alice, status="Active")  # without an end
        assert [row["status"] for row in expiring(alice)] == ["Active", "Signed"]
        assert draft["id"] not in [row["id"] for row in expiring(alice)]

    @pytest.mark.parametrize("days", ["-1", "99999", "3651", "", "x", "1.5", "9" * 40])
    def test_within_days_that_are_none_is_400(self, alice, days):
        assert list(details(alice.get(f"{EXPIRING}?days={days}"))) == ["days"]

    @pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Lima"])
    def test_goes_by_the_workspace_s_day(self, ours, now, zone):
        ours.time_zone = zone
        people.writing(ours.pk, ours.save)
        agent = people.person("agent", ours, "sales")
        now(datetime(2026, 3, 10, 20, tzinfo=UTC))  # the 11th in Auckland, the 10th in Lima
        made = created(agent, status="Active", end_date="2026-03-11")
        assert [(row["id"], row["days_to_expire"]) for row in expiring(agent)] == [
            (made["id"], {"Pacific/Auckland": 0, "America/Lima": 1}[zone])
        ]


class TestGeneratingSamples:
    def test_answers_what_the_document_shows(self, alice):
        created(alice)
        answer = alice.post(MOCK, {"count": 10})
        assert (answer.status_code, answer.json()) == (201, {
            "message": "10 contratos de prueba creados exitosamente", "contracts_created": 10, "total_contracts": 11,
        })  # fmt: skip
        assert alice.get(CONTRACTS).json()["count"] == 11

    @pytest.mark.parametrize("body", ["", {}])
    def test_makes_ten_if_nothing_is_said(self, alice, body):
        assert alice.call("post", MOCK, body).json()["contracts_created"] == 10

    @pytest.mark.parametrize("count", [1, 100])
    def test_makes_up_to_a_hundred(self, bob, count):
        assert bob.post(MOCK, {"count": count}).json()["contracts_created"] == count
        numbers = [row["contract_number"] for row in bob.get(f"{CONTRACTS}?page_size=100").json()["results"]]
        assert numbers == [f"CON-{bob.actor.today.year}-{number:03}" for number in range(count, 0, -1)]

    @pytest.mark.parametrize("count", [0, -1, 101, "x", None, 1.5, True])
    def test_of_no_such_number_is_400(self, alice, count):
        with stored.nothing_written():
            assert list(details(alice.post(MOCK, {"count": count}))) == ["count"]

    def test_makes_them_the_caller_s_and_counts_those_that_they_see(self, alice, bob, carla):
        assert bob.post(MOCK, {"count": 3}).json()["total_contracts"] == 3
        assert carla.post(MOCK, {"count": 2}).json()["total_contracts"] == 5

    def test_is_missing_in_production(self, alice, settings):
        settings.DEVELOPMENT = False
        with stored.nothing_written():
            assert error(alice.post(MOCK, {"count": 1}))[0] == 404

    def test_needs_the_permission(self, dario):
        assert error(dario.post(MOCK, {"count": 1})) == (403, DENIED)
