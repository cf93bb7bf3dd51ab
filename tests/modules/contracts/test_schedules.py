"""Payments: schedules by the month, days that pass, several who write at once, what the ledger keeps."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.core.errors import DomainError
from backend.modules.contracts import actions, errors
from backend.modules.contracts.actions import payments
from backend.modules.contracts.models import Contract, Payment
from backend.modules.ledger.models import Entry
from tests import make, people
from tests.test_parallel import at_once

MONTHS = [
    (date(2026, 1, 31), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
    (date(2028, 1, 31), ["2028-01-31", "2028-02-29", "2028-03-31"]),
    (date(2028, 2, 29), ["2028-02-29", "2028-03-29", "2028-04-29"]),
    (date(2026, 1, 30), ["2026-01-30", "2026-02-28", "2026-03-30"]),
    (date(2026, 11, 15), ["2026-11-15", "2026-12-15", "2027-01-15", "2027-02-15"]),
    (date(2027, 12, 31), ["2027-12-31", "2028-01-31", "2028-02-29"]),
    (date(2100, 1, 29), ["2100-01-29", "2100-02-28", "2100-03-29"]),
]


def of(contract):
    return list(Payment.across_workspaces.filter(contract=contract).order_by("due_on", "id"))


def statuses(contract):
    return Counter(payment.status for payment in of(contract))


@pytest.mark.django_db
class TestASchedule:
    @pytest.mark.parametrize(("first", "days"), MONTHS, ids=lambda each: str(each) if isinstance(each, date) else "")
    def test_is_due_on_the_day_of_the_first_or_the_last_of_a_shorter_month(self, alice, first, days):
        contract = make.contract(alice.actor)
        payments.schedule(alice.actor, contract.pk, kind="Renta", instalments=len(days), first_due_on=first)
        assert [str(payment.due_on) for payment in of(contract)] == days

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(total=st.decimals(Decimal("0.01"), Decimal("999999999999.99"), places=2), instalments=st.integers(1, 40))
    def test_comes_to_the_total_to_the_cent_with_the_remainder_on_the_last(self, alice, total, instalments):
        contract = make.contract(alice.actor)
        order = {"kind": "Renta", "instalments": instalments, "first_due_on": date(2030, 1, 1), "total": total}
        if total < Decimal("0.01") * instalments:
            with pytest.raises(errors.NothingToSchedule):
                payments.schedule(alice.actor, contract.pk, **order)
            return
        payments.schedule(alice.actor, contract.pk, **order)
        amounts = [payment.amount for payment in of(contract)]
        assert sum(amounts) == total
        assert len(set(amounts[:-1])) <= 1
        assert 0 <= amounts[-1] - amounts[0] < Decimal("0.01") * instalments

    def test_of_fifty_years_of_months_is_the_longest(self, alice):
        contract = make.contract(alice.actor)
        order = {"kind": "Renta", "first_due_on": date(2026, 1, 31)}
        with pytest.raises(errors.TooManyPayments):
            payments.schedule(alice.actor, contract.pk, instalments=601, **order)
        made = payments.schedule(alice.actor, contract.pk, instalments=600, **order)
        assert made[-1].due_on == date(2075, 12, 31)
        with pytest.raises(errors.TooManyPayments):
            make.payment(alice.actor, contract)

    def test_makes_what_is_past_late_and_what_is_to_come_pending(self, alice):
        contract, today = make.contract(alice.actor), alice.actor.today
        first = (today - timedelta(days=62)).replace(day=1)
        payments.schedule(alice.actor, contract.pk, kind="Renta", instalments=12, first_due_on=first)
        assert all((each.status == "late") == (each.due_on < today) for each in of(contract))
        assert statuses(contract)["late"] >= 2

    def test_does_not_count_what_is_cancelled(self, alice):
        contract = make.contract(alice.actor, value=100)
        make.payment(alice.actor, contract, amount=Decimal(60), status="cancelled")
        make.payment(alice.actor, contract, amount=Decimal(40), status="paid")
        [made] = payments.schedule(alice.actor, contract.pk, kind="Renta", instalments=1, first_due_on=date(2030, 1, 1))
        assert made.amount == 60

    def test_stands_in_the_ledger_payment_by_payment(self, alice):
        contract = make.contract(alice.actor)
        made = payments.schedule(alice.actor, contract.pk, kind="Renta", instalments=3, first_due_on=date(2030, 1, 1))
        rows = Entry.objects.of(alice.actor).filter(action="contract.schedule_payments").order_by("id")
        assert list(rows.values_list("record_id", flat=True)) == [payment.pk for payment in made]


@pytest.mark.django_db
class TestAPayment:
    @pytest.mark.parametrize(
        ("zone", "status"), [("America/Lima", "pending"), ("UTC", "late"), ("Pacific/Auckland", "late")]
    )
    def test_is_late_from_the_day_after_where_the_workspace_is(self, ours, monkeypatch, zone, status):
        ours.time_zone = zone
        people.writing(ours.pk, ours.save)
        agent = people.person("agente", ours, "sales")
        monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 3, 11, 4, 59, tzinfo=UTC))  # 23:59 in Lima
        assert make.payment(agent.actor, make.contract(agent.actor), due_on=date(2026, 3, 10)).status == status

    @pytest.mark.parametrize("status", ["pending", "late"])
    def test_that_is_paid_and_opened_again_follows_its_day_again(self, alice, status):
        contract = make.contract(alice.actor)
        day = alice.actor.today - timedelta(days=status == "late")
        payment = make.payment(alice.actor, contract, due_on=day)
        payments.pay(alice.actor, payment.pk, contract_id=contract.pk)
        opened = payments.update(alice.actor, payment.pk, contract_id=contract.pk, status="pending")
        assert (opened.status, opened.paid_on) == (status, None)

    def test_says_in_the_ledger_who_paid_it(self, alice, bob):
        contract = make.contract(alice.actor)
        payment = make.payment(alice.actor, contract)
        payments.pay(bob.actor, payment.pk, contract_id=contract.pk)
        entry = Entry.objects.of(alice.actor).filter(table="contract_payments").order_by("id").last()
        assert (entry.action, entry.username) == ("contract.pay", "bob")
        assert (entry.old["status"], entry.new["status"]) == ("pending", "paid")

    def test_that_is_cancelled_is_not_paid_by_paying(self, alice):
        contract = make.contract(alice.actor)
        payment = make.payment(alice.actor, contract, status="cancelled")
        with pytest.raises(errors.PaymentSettled):
            payments.pay(alice.actor, payment.pk, contract_id=contract.pk)

    @pytest.mark.parametrize("after", ["completed", "expired"])
    def test_stays_as_it_is_where_a_contract_ends_otherwise_than_by_cancelling(self, alice, after):
        contract = make.contract(alice.actor, status="signed", signed_on=date(2026, 1, 10))
        make.payment(alice.actor, contract)
        if after == "completed":
            actions.update(alice.actor, contract.pk, status=after)
        else:
            contract.status = after
            people.writing(alice.workspace.pk, contract.save)
        assert statuses(contract) == {"pending": 1}


def outcome(do):
    """What an attempt came to: "done", or the code of its error."""
    try:
        do()
    except DomainError as error:
        return error.code
    return "done"


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestSeveralAtOnce:
    def test_pay_it_once(self, alice):
        contract = make.contract(alice.actor)
        payment = make.payment(alice.actor, contract)
        paid = at_once(
            12, lambda which: outcome(lambda: payments.pay(alice.actor, payment.pk, contract_id=contract.pk))
        )
        assert Counter(paid) == {"done": 1, "payment_settled": 11}
        assert Entry.objects.of(alice.actor).filter(action="contract.pay").count() == 1

    def test_schedule_what_is_left_once(self, alice):
        contract = make.contract(alice.actor, value=Decimal("1000.00"))
        order = {"kind": "Renta", "instalments": 3, "first_due_on": date(2030, 1, 31)}
        made = at_once(6, lambda which: outcome(lambda: payments.schedule(alice.actor, contract.pk, **order)))
        assert Counter(made) == {"done": 1, "nothing_to_schedule": 5}
        assert sum(payment.amount for payment in of(contract)) == 1000

    def test_leave_no_open_payment_in_a_contract_that_one_of_them_cancels(self, alice):
        contract = make.contract(alice.actor)
        held = [make.payment(alice.actor, contract) for _ in range(6)]

        def do(which):
            if which == 6:
                return actions.update(alice.actor, contract.pk, status="cancelled")
            if which % 2:
                return outcome(lambda: payments.pay(alice.actor, held[which % 6].pk, contract_id=contract.pk))
            return outcome(lambda: make.payment(alice.actor, contract))

        at_once(14, do)
        assert statuses(contract).keys() <= {"paid", "cancelled"}

    def test_take_one_step_of_two_that_exclude_each_other(self, alice):
        contract = make.contract(alice.actor)
        taken = at_once(
            10,
            lambda which: outcome(
                lambda: actions.update(alice.actor, contract.pk, status=("active", "cancelled")[which % 2])
            ),
        )
        steps = Entry.objects.of(alice.actor).filter(table="contracts", action="contract.update").order_by("id")
        way = ["draft", *(entry.new["status"] for entry in steps)]
        assert way in (["draft", "active", "cancelled"], ["draft", "cancelled"])
        assert Contract.across_workspaces.get(pk=contract.pk).status == way[-1]
        assert set(taken) <= {"done", "contract_step_not_allowed"}
