"""What the passing of a day does to contracts and payments."""

from datetime import date

import pytest

from backend.modules.contracts import actions, tasks
from backend.modules.contracts.actions import clock as nights
from backend.modules.contracts.models import Contract, Payment, Status
from backend.modules.ledger.models import Entry
from tests import make
from tests.modules.contracts.clock.conftest import in_force
from tests.test_parallel import at_once
from worker.schedule import NIGHTLY

pytestmark = pytest.mark.django_db


@pytest.fixture
def night(clock, alice):
    """Let the night before a day pass in Lima."""

    def night(day: str) -> None:
        clock.set(f"{day}T05:00")
        tasks.begin_day(alice.workspace.pk)

    return night


def status(record: Contract | Payment) -> str:
    record.refresh_from_db()
    return record.status


class TestAContract:
    @pytest.mark.parametrize("signed", [False, True])
    def test_expires_in_the_night_after_its_end(self, bob, night, signed):
        contract = in_force(bob, "2026-03-09")
        if signed:
            actions.update(bob.actor, contract.pk, status=Status.SIGNED, signed_on=date(2026, 3, 1))
        night("2026-03-09")
        assert status(contract) == (Status.SIGNED if signed else Status.ACTIVE)
        night("2026-03-10")
        assert status(contract) == Status.EXPIRED
        [entry] = Entry.objects.of(bob.actor).filter(action="contract.expire")
        assert (entry.record_id, entry.username, entry.new["status"]) == (contract.pk, "system", "expired")

    def test_that_ended_during_a_downtime_expires_once(self, bob, night):
        contract = in_force(bob, "2026-03-09")
        night("2026-03-20")
        contract.refresh_from_db()
        before = contract.updated_at
        night("2026-03-20")
        night("2026-03-21")
        assert (status(contract), contract.updated_at) == (Status.EXPIRED, before)

    def test_without_an_end_does_not_expire(self, bob, night):
        contract = in_force(bob)
        night("2036-03-10")
        assert status(contract) == Status.ACTIVE

    @pytest.mark.parametrize("last", [Status.DRAFT, Status.CANCELLED, Status.COMPLETED])
    def test_that_is_not_in_force_stays_as_it_is(self, bob, night, last):
        contract = make.contract(bob.actor, ends_on=date(2026, 3, 9))
        for step in {Status.CANCELLED: ["cancelled"], Status.COMPLETED: ["active", "signed", "completed"]}.get(
            last, []
        ):
            signed = {"signed_on": date(2026, 3, 1)} if step == "signed" else {}
            actions.update(bob.actor, contract.pk, status=step, **signed)
        night("2026-03-10")
        assert status(contract) == last

    def test_of_more_than_fit_into_one_transaction_expires_too(self, bob, night, monkeypatch):
        monkeypatch.setattr(nights, "AT_ONCE", 2)
        contracts = [in_force(bob, "2026-03-09") for _ in range(5)]
        night("2026-03-10")
        assert {status(each) for each in contracts} == {Status.EXPIRED}

    def test_of_another_workspace_waits_for_its_own_night(self, stranger, night):
        contract = in_force(stranger, "2026-03-09")
        night("2026-03-10")
        assert status(contract) == Status.ACTIVE

    def test_is_looked_at_every_night(self):
        assert tasks.begin_day.name in {each["task"] for each in NIGHTLY.values()}


class TestAPayment:
    def test_is_late_in_the_night_after_its_day(self, bob, night):
        payment = make.payment(bob.actor, in_force(bob), due_on=date(2026, 3, 9))
        night("2026-03-09")
        assert status(payment) == "pending"
        night("2026-03-10")
        assert status(payment) == "late"

    def test_of_the_contract_s_last_day_is_late_although_that_expires(self, bob, night):
        payment = make.payment(bob.actor, in_force(bob, "2026-03-09"), due_on=date(2026, 3, 9))
        night("2026-03-10")
        assert (status(payment), status(payment.contract)) == ("late", "expired")

    def test_of_a_draft_is_not_late(self, bob, night):
        payment = make.payment(bob.actor, make.contract(bob.actor), due_on=date(2026, 3, 9))
        night("2026-03-10")
        assert status(payment) == "pending"

    def test_that_is_paid_is_not_late(self, bob, night):
        payment = make.payment(bob.actor, in_force(bob), due_on=date(2026, 3, 9), status="paid")
        night("2026-03-10")
        assert status(payment) == "paid"


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestSeveralNightsAtOnce:
    def test_expire_each_contract_once(self, alice, bob, clock, monkeypatch):
        monkeypatch.setattr(nights, "AT_ONCE", 2)
        for _ in range(7):
            make.payment(bob.actor, in_force(bob, "2026-03-09"), due_on=date(2026, 3, 9))
        clock.set("2026-03-10T05:00")
        at_once(6, lambda which: tasks.begin_day(alice.workspace.pk))
        for action in ("contract.expire", "contract.note_late_payments"):
            assert Entry.objects.of(alice.actor).filter(action=action).count() == 7
        assert not Contract.objects.of(alice.actor).exclude(status=Status.EXPIRED).exists()
