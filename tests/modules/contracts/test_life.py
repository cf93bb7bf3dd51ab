"""The life of a contract: its steps, its end, its commission, and what the ledger keeps of it."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.core.errors import DomainError
from backend.modules.contracts import actions, errors
from backend.modules.contracts.actions import notes
from backend.modules.contracts.models import Contract, Status
from backend.modules.ledger.models import Entry
from tests import make, people

pytestmark = pytest.mark.django_db

ALLOWED = {
    ("draft", "active"),
    ("draft", "cancelled"),
    ("active", "signed"),
    ("active", "cancelled"),
    ("signed", "completed"),
    ("signed", "cancelled"),
}
PAIRS = [(before, after) for before in Status.values for after in Status.values if before != after]
ENDED = ["completed", "cancelled", "expired"]
SIGNED_ON = date(2026, 1, 10)
OTHERWISE = {
    "title": "x", "kind": "sale", "priority": "low", "client_name": "x", "client_email": "x@example.com",
    "client_phone": "1", "property_address": "x", "property_kind": "x", "property_size": Decimal(1),
    "value": Decimal(1), "currency": "USD", "commission_rate": Decimal(1), "starts_on": SIGNED_ON, "ends_on": SIGNED_ON,
    "terms": "x",
}  # fmt: skip
RATES = st.decimals(0, 100, places=2)
VALUES = st.decimals(0, Decimal("999999999999.99"), places=2)
CHANGES = st.tuples(st.just("value"), VALUES) | st.tuples(st.just("commission_rate"), RATES)


def standing(who, status):
    """A contract that has come to a status, by whichever way."""
    contract = make.contract(who.actor, ends_on=date(2030, 1, 1))
    contract.status = status
    contract.signed_on = SIGNED_ON if status in ("signed", "completed") else None
    people.writing(who.workspace.pk, contract.save)
    return contract


def stored(contract):
    return Contract.across_workspaces.filter(pk=contract.pk).values().get()


def entries(contract, **more):
    rows = Entry.across_workspaces.filter(table="contracts", record_id=contract.pk, **more)
    return list(rows.order_by("id"))


class TestAStep:
    @pytest.mark.parametrize(("before", "after"), PAIRS)
    def test_is_one_of_the_table_or_is_refused(self, alice, before, after):
        contract = standing(alice, before)
        fields = {"status": after} | ({"signed_on": SIGNED_ON} if after == "signed" else {})
        if (before, after) in ALLOWED:
            assert actions.update(alice.actor, contract.pk, **fields).status == after
            return
        unchanged = stored(contract)
        with pytest.raises(errors.StepNotAllowed) as refused:
            actions.update(alice.actor, contract.pk, **fields)
        assert refused.value.facts == {"before": before.capitalize(), "after": after.capitalize()}
        assert stored(contract) == unchanged

    @pytest.mark.parametrize(("before", "after"), sorted(ALLOWED))
    def test_stands_in_the_ledger_with_who_took_it(self, alice, bob, before, after):
        contract = standing(alice, before)
        fields = {"status": after} | ({"signed_on": SIGNED_ON} if after == "signed" else {})
        actions.update(bob.actor, contract.pk, **fields)
        entry = entries(contract)[-1]
        assert (entry.verb, entry.action, entry.username) == ("contract.updated", "contract.update", "bob")
        assert (entry.old["status"], entry.new["status"]) == (before, after)

    @pytest.mark.parametrize("status", Status.values)
    def test_to_where_it_stands_is_none(self, alice, status):
        contract = standing(alice, status)
        before = len(entries(contract))
        actions.update(alice.actor, contract.pk, status=status)
        assert len(entries(contract)) == before


class TestAContractThatEnded:
    @pytest.mark.parametrize("status", ENDED)
    @pytest.mark.parametrize("field", OTHERWISE)
    def test_is_read_only(self, alice, status, field):
        contract = standing(alice, status)
        unchanged = stored(contract)
        with pytest.raises(errors.ContractClosed):
            actions.update(alice.actor, contract.pk, **{field: OTHERWISE[field]})
        assert stored(contract) == unchanged

    @pytest.mark.parametrize("status", ENDED)
    def test_is_given_to_nobody_else_and_linked_to_nothing(self, alice, bob, status):
        contract = standing(alice, status)
        for fields in (
            {"agent_email": bob.user.email},
            {"contact_id": make.contact(alice.actor).pk},
            {"opportunity_id": make.opportunity(alice.actor).pk},
        ):
            with pytest.raises(errors.ContractClosed):
                actions.update(alice.actor, contract.pk, **fields)

    @pytest.mark.parametrize("status", ENDED)
    def test_takes_notes(self, alice, status):
        contract = standing(alice, status)
        note = make.note(alice.actor, contract)
        notes.update(alice.actor, note.pk, contract_id=contract.pk, content="Read again")
        notes.delete(alice.actor, note.pk, contract_id=contract.pk)
        verbs = Entry.across_workspaces.filter(table="contract_notes", record_id=note.pk).order_by("id")
        assert list(verbs.values_list("action", flat=True)) == [
            "contract.add_note", "contract.change_note", "contract.delete_note",
        ]  # fmt: skip


class TestASignature:
    @pytest.mark.parametrize("status", ["draft", "active", "signed"])
    @pytest.mark.parametrize("signed_on", [None, SIGNED_ON])
    def test_belongs_to_a_signed_contract(self, alice, status, signed_on):
        fits = (status == "signed") == (signed_on is not None)
        if fits:
            assert make.contract(alice.actor, status=status, signed_on=signed_on).signed_on == signed_on
            return
        with pytest.raises(errors.NotSigned if signed_on else errors.SignatureMissing):
            make.contract(alice.actor, status=status, signed_on=signed_on)

    @pytest.mark.parametrize("after", ["completed", "cancelled"])
    def test_is_not_lost_at_the_end(self, alice, after):
        contract = standing(alice, "signed")
        with pytest.raises(errors.SignatureMissing):
            actions.update(alice.actor, contract.pk, status=after, signed_on=None)
        assert actions.update(alice.actor, contract.pk, status=after).signed_on == SIGNED_ON

    @pytest.mark.parametrize("before", ["draft", "active"])
    def test_does_not_come_with_a_cancellation(self, alice, before):
        contract = standing(alice, before)
        with pytest.raises(errors.NotSigned):
            actions.update(alice.actor, contract.pk, status="cancelled", signed_on=SIGNED_ON)

    def test_does_not_follow_today_or_the_end(self, alice):
        today = alice.actor.today
        for signed_on, ends_on in ((today + timedelta(days=1), None), (today, today - timedelta(days=1))):
            with pytest.raises(errors.SignedTooLate):
                make.contract(alice.actor, status="signed", signed_on=signed_on, ends_on=ends_on)
        signed = make.contract(alice.actor, status="signed", signed_on=today, ends_on=today)
        with pytest.raises(errors.SignedTooLate):
            actions.update(alice.actor, signed.pk, ends_on=today - timedelta(days=1))


class TestTheCommission:
    @pytest.mark.parametrize(
        ("value", "rate", "amount"),
        [
            ("0.10", "5", "0.01"),  # 0.005
            ("0.30", "5", "0.02"),  # 0.015
            ("0.09", "5", "0.00"),  # 0.0045
            ("2.50", "1", "0.03"),  # 0.025
            ("2500000.00", "3.50", "87500.00"),
            ("999999999999.99", "99.99", "999899999999.99"),
        ],
    )
    def test_is_rounded_half_up_to_the_cent(self, alice, value, rate, amount):
        contract = make.contract(alice.actor, value=Decimal(value), commission_rate=Decimal(rate))
        assert stored(contract)["commission_amount"] == Decimal(amount)

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(changes=st.lists(CHANGES, min_size=1, max_size=4))
    def test_follows_value_and_rate_whichever_changes(self, alice, changes):
        contract = make.contract(alice.actor)
        for name, amount in changes:
            actions.update(alice.actor, contract.pk, **{name: amount})
            row = stored(contract)
            exact = row["value"] * row["commission_rate"] / 100
            assert row["commission_amount"] == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


class TestALink:
    @pytest.mark.parametrize("kind", ["contact", "opportunity"])
    def test_to_a_record_that_is_deleted_goes_and_the_ledger_says_so(self, alice, kind):
        record = getattr(make, kind)(alice.actor)
        contract = make.contract(alice.actor, **{f"{kind}_id": record.pk})
        room = {"contact": "clientes", "opportunity": "oportunidades"}[kind]
        answer = alice.delete(f"/api/v1/{room}/{record.pk}/")
        assert answer.status_code == 200, answer.content
        assert stored(contract)[f"{kind}_id"] is None
        entry = entries(contract)[-1]
        assert (entry.username, entry.old, entry.new) == ("alice", {f"{kind}_id": record.pk}, {f"{kind}_id": None})

    @pytest.mark.parametrize("status", ENDED)
    def test_is_loosened_of_a_contract_that_ended_as_well(self, alice, status):
        contact = make.contact(alice.actor)
        contract = make.contract(alice.actor, contact_id=contact.pk, status="active")
        contract.status = status
        people.writing(alice.workspace.pk, contract.save)
        assert alice.delete(f"/api/clients/{contact.pk}/").status_code == 204
        assert stored(contract)["contact_id"] is None


def test_an_agent_who_is_nobody_is_refused_like_any_error_of_a_field(alice):
    with pytest.raises(DomainError) as refused:
        make.contract(alice.actor, agent_email="nobody@example.com")
    assert (refused.value.code, refused.value.field) == ("unknown_agent", "agent_email")
