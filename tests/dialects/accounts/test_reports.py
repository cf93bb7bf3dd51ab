"""/v1/reports, by API key or token."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from backend.modules.opportunities import actions
from tests import make, people
from tests.dialects.sales import deals
from tests.dialects.sales.deals import WON

pytestmark = pytest.mark.django_db

TOP, CHANGES = "/v1/reports/top-accounts", "/v1/reports/stage-changes"
CHANGE = ["opportunityId", "newStage", "changedAt", "changedBy", "reason"]


def won(alice, company, value: str, *, day: int = 1, currency: str = "PEN"):
    return make.opportunity(
        alice.actor, stage=WON, company_id=company and company.pk, value=Decimal(value), currency=currency,
        at=datetime(2026, 3, day, 17, tzinfo=UTC),
    )  # fmt: skip


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["accountName"] for row in answer.json()]


def error(answer, status: int) -> dict:
    assert answer.status_code == status, answer.content
    return answer.json()["error"]


class TestTopAccounts:
    def test_is_a_plain_array_of_who_bought_most_often(self, alice):
        acme, beta = make.company(alice.actor, name="Acme"), make.company(alice.actor, name="Beta")
        won(alice, acme, "100.10")
        won(alice, acme, "50", currency="USD")
        won(alice, beta, "999")
        make.company(alice.actor, name="Nothing")
        make.opportunity(alice.actor, company_id=beta.pk)
        make.opportunity(alice.actor, company_id=beta.pk, stage="cerrada_perdida")
        won(alice, None, "5000")
        answer = alice.get(TOP)
        assert answer.json() == [
            {
                "accountId": acme.pk, "accountName": "Acme", "wins": 2, "totalAmount": 150.1,
                "byCurrency": {"PEN": {"wins": 1, "totalAmount": 100.1}, "USD": {"wins": 1, "totalAmount": 50.0}},
            },
            {
                "accountId": beta.pk, "accountName": "Beta", "wins": 1, "totalAmount": 999.0,
                "byCurrency": {"PEN": {"wins": 1, "totalAmount": 999.0}},
            },
        ]  # fmt: skip
        assert list(answer.json()[0]) == ["accountId", "accountName", "wins", "totalAmount", "byCurrency"]

    def test_breaks_ties_by_value_and_then_by_who_was_there_first(self, alice):
        a, b, c, d = (make.company(alice.actor, name=name) for name in "DCBA")
        for company, values in ((d, ("0.10", "0.20")), (c, ("0.30", "0.00")), (b, ("0.15", "0.15")), (a, ("1", "1"))):
            for value in values:
                won(alice, company, value)
        assert names(alice.get(f"{TOP}?limit=4")) == ["D", "C", "B", "A"]
        assert names(alice.get(f"{TOP}?limit=2")) == ["D", "C"]

    def test_is_of_three_unless_another_number_is_wanted(self, alice):
        for _ in range(5):
            won(alice, make.company(alice.actor), "1")
        assert [len(alice.get(f"{TOP}{query}").json()) for query in ("", "?limit=1", "?limit=100")] == [3, 1, 5]

    def test_counts_by_the_real_close_date_both_ends_included(self, alice):
        acme = make.company(alice.actor, name="Acme")
        for day in (1, 2, 3):
            won(alice, acme, "10", day=day)
        wins = [
            [row["wins"] for row in alice.get(f"{TOP}?{query}").json()]
            for query in ("from=2026-03-02", "to=2026-03-02", "from=2026-03-02&to=2026-03-02", "from=2026-03-04")
        ]
        assert wins == [[2], [2], [1], []]

    @pytest.mark.parametrize("seed", [1, 2])
    def test_agrees_with_the_deals_added_up_without_a_database(self, alice, seed):
        wins: dict[int, list[Decimal]] = defaultdict(list)
        for deal in deals.at_random(alice.actor, seed):
            if deal.stage == WON and deal.company and deal.closed_on >= date(2026, 2, 1):
                wins[deal.company.pk].append(deal.value)
        ranking = sorted(wins.items(), key=lambda each: (-len(each[1]), -sum(each[1]), each[0]))
        rows = alice.get(f"{TOP}?from=2026-02-01&limit=100").json()
        assert [(row["accountId"], row["wins"], row["totalAmount"]) for row in rows] == [
            (company_id, len(values), float(sum(values))) for company_id, values in ranking
        ]

    @pytest.mark.parametrize(
        ("query", "field"),
        [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("from=ayer", "from"),
         ("from=2026-03-02&to=2026-03-01", "from")],
    )  # fmt: skip
    def test_says_what_is_wrong_with_what_is_asked(self, alice, query, field):
        found = error(alice.get(f"{TOP}?{query}"), 400)
        assert (found["code"], list(found["details"])) == ("VALIDATION_ERROR", [field])

    def test_costs_the_same_queries_however_many_there_are(self, alice, counted):
        counted(TOP, queries=3)
        for _ in range(4):
            won(alice, make.company(alice.actor), "1")
        counted(f"{TOP}?limit=100", queries=3)


class TestStageChanges:
    @pytest.fixture
    def deal(self, alice, bob):
        """Created on 1 March, in negotiation on the 2nd, won on the 3rd, at noon in Lima."""
        noons = [datetime(2026, 3, day, 17, tzinfo=UTC) for day in (1, 2, 3)]
        made = make.opportunity(alice.actor, at=noons[0])
        actions.move(bob.actor, made.pk, stage="negociacion", reason="Pidió otra propuesta", at=noons[1])
        actions.move(alice.actor, made.pk, stage=WON, at=noons[2])
        return made

    def test_are_an_array_with_the_newest_first_and_the_creation_last(self, alice, deal):
        answer = alice.get(CHANGES)
        assert answer.json() == [
            {
                "opportunityId": deal.pk, "newStage": "Venta", "changedAt": "2026-03-03T17:00:00Z",
                "changedBy": "alice", "reason": "",
            },
            {
                "opportunityId": deal.pk, "newStage": "Negociación", "changedAt": "2026-03-02T17:00:00Z",
                "changedBy": "bob", "reason": "Pidió otra propuesta",
            },
            {
                "opportunityId": deal.pk, "newStage": "Prospecto", "changedAt": "2026-03-01T17:00:00Z",
                "changedBy": "alice", "reason": "",
            },
        ]  # fmt: skip
        assert list(answer.json()[0]) == CHANGE

    @pytest.mark.parametrize(
        ("query", "stages"),
        [
            ("stage=Negociación", ["Negociación"]),
            ("stage=negociacion", ["Negociación"]),
            ("stage=VENTA", ["Venta"]),
            ("stage=cerrada_ganada&to=2026-03-02", []),
            ("from=2026-03-02&to=2026-03-03", ["Venta", "Negociación"]),
            ("to=2026-03-01", ["Prospecto"]),
        ],
    )
    def test_are_narrowed_by_stage_and_days(self, alice, deal, query, stages):
        assert [row["newStage"] for row in alice.get(f"{CHANGES}?{query}").json()] == stages

    def test_are_of_days_in_the_workspaces_zone(self, alice):
        make.opportunity(alice.actor, at=datetime(2026, 3, 2, 4, 59, tzinfo=UTC))  # 23:59 of the 1st in Lima
        assert len(alice.get(f"{CHANGES}?from=2026-03-01&to=2026-03-01").json()) == 1
        assert alice.get(f"{CHANGES}?from=2026-03-02").json() == []

    def test_are_at_most_as_many_as_wanted_and_say_how_many_there_are(self, alice, deal):
        answer = alice.get(f"{CHANGES}?limit=2")
        assert (len(answer.json()), answer["X-Total-Count"]) == (2, "3")
        assert "X-Count-Exact" not in answer
        assert alice.get(f"{CHANGES}?stage=propuesta")["X-Total-Count"] == "0"

    def test_say_when_they_stopped_counting(self, alice, deal, settings):
        settings.COUNT_BOUND = 2
        answer = alice.get(f"{CHANGES}?limit=1")
        assert (answer["X-Total-Count"], answer["X-Count-Exact"]) == ("2", "false")

    def test_by_a_key_have_no_user(self, alice):
        _, text = make.api_key(alice.actor)
        made = make.opportunity(alice.actor)
        body = {"newStage": "Venta", "reason": "Por la tienda"}
        moved = Client().put(
            f"/v1/opportunities/{made.pk}/stage", body, content_type="application/json", headers={"X-API-Key": text}
        )
        assert moved.status_code == 200
        newest = alice.get(CHANGES).json()[0]
        assert (newest["newStage"], newest["changedBy"]) == ("Venta", None)

    @pytest.mark.parametrize(
        ("query", "field"),
        [("stage=Cierre", "stage"), ("stage=", "stage"), ("limit=0", "limit"), ("limit=1001", "limit"),
         ("to=x", "to"), ("from=2026-03-02&to=2026-03-01", "from")],
    )  # fmt: skip
    def test_say_what_is_wrong_with_what_is_asked(self, alice, query, field):
        found = error(alice.get(f"{CHANGES}?{query}"), 400)
        assert (found["code"], list(found["details"])) == ("VALIDATION_ERROR", [field])

    def test_cost_the_same_queries_however_many_there_are(self, alice, deal, counted):
        counted(CHANGES, queries=3)
        for _ in range(4):
            make.opportunity(alice.actor)
        counted(f"{CHANGES}?stage=prospecto", queries=4)


@pytest.mark.parametrize("path", [TOP, CHANGES])
class TestBothReports:
    def test_take_a_key_either_way(self, alice, path):
        _, text = make.api_key(alice.actor, permissions=["reports.view"])
        for headers in ({"X-API-Key": text}, {"Authorization": f"Bearer {text}"}):
            assert Client().get(path, headers=headers).status_code == 200

    def test_need_the_permission(self, alice, dario, ours, path):
        _, text = make.api_key(alice.actor, permissions=["companies.view"])
        assert error(dario.get(path), 403)["code"] == "PERMISSION_DENIED"
        assert error(Client().get(path, headers={"X-API-Key": text}), 403)["code"] == "PERMISSION_DENIED"
        assert people.person_holding(ours, "reports.view").get(path).status_code == 200

    def test_are_of_one_workspace(self, alice, stranger, path):
        won(alice, make.company(alice.actor), "1")
        assert stranger.get(path).json() == []
