"""Numbers of contracts: consecutive per workspace and year, whoever creates at once and whatever is undone."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from backend.modules.contracts import errors
from backend.modules.contracts.models import Contract
from tests import make, people
from tests.test_parallel import at_once

NEW_YEAR = datetime(2027, 1, 1, 5, tzinfo=UTC)  # in Lima
SECOND = timedelta(seconds=1)


class Undone(Exception):
    pass


def create(who, which):
    """A contract, or one that is undone, or one that is refused."""
    if which % 5 == 3:
        with pytest.raises(errors.DatesReversed):
            make.contract(who.actor, starts_on=who.actor.today, ends_on=who.actor.today - timedelta(days=1))
        return
    with suppress(Undone), transaction.atomic():
        make.contract(who.actor)
        if which % 5 == 1:
            raise Undone


def numbers(who):
    rows = Contract.objects.of(who.actor).order_by("id")
    return list(rows.values_list("number", flat=True))


def consecutive(year, count):
    return [f"CON-{year}-{serial:03}" for serial in range(1, count + 1)]


@pytest.fixture
def lima(ours):
    ours.time_zone = "America/Lima"
    people.writing(ours.pk, ours.save)
    return people.person("agente", ours, "sales")


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def test_are_numbered_without_gap_or_double(self, alice):
        at_once(50, lambda which: make.contract(alice.actor))
        assert numbers(alice) == consecutive(alice.actor.today.year, 50)

    def test_leave_no_gap_where_some_are_undone_or_refused(self, alice):
        at_once(80, lambda which: create(alice, which))
        assert numbers(alice) == consecutive(alice.actor.today.year, 48)

    def test_are_numbered_by_workspace(self, alice, stranger):
        at_once(40, lambda which: create((alice, stranger)[which % 2], which // 2))
        year = alice.actor.today.year
        assert numbers(alice) == numbers(stranger) == consecutive(year, 12)

    def test_begin_anew_at_new_year(self, lima, monkeypatch):
        asked, lock = [0], threading.Lock()

        def now():
            with lock:
                asked[0] += 1
            return NEW_YEAR - SECOND if asked[0] < 100 else NEW_YEAR

        monkeypatch.setattr(timezone, "now", now)
        at_once(50, lambda which: make.contract(lima.actor))
        found = sorted(numbers(lima))
        old = [number for number in found if number.startswith("CON-2026-")]
        assert 0 < len(old) < 50
        assert found == consecutive(2026, len(old)) + consecutive(2027, 50 - len(old))


@pytest.mark.django_db
class TestANumber:
    @pytest.mark.parametrize(
        ("moment", "number"),
        [(NEW_YEAR - SECOND, "CON-2026-001"), (NEW_YEAR, "CON-2027-001"), (NEW_YEAR.replace(hour=0), "CON-2026-001")],
    )
    def test_has_the_year_that_it_is_where_the_workspace_is(self, lima, monkeypatch, moment, number):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        assert make.contract(lima.actor).number == number

    def test_has_more_than_three_digits_where_it_needs_them(self, alice):
        contract = make.contract(alice.actor)
        contract.serial = 999
        people.writing(alice.workspace.pk, contract.save)
        assert make.contract(alice.actor).number == f"CON-{alice.actor.today.year}-1000"

    def test_is_the_next_of_the_old_year_where_a_clock_goes_back(self, lima, monkeypatch):
        for moment in (NEW_YEAR - SECOND, NEW_YEAR, NEW_YEAR - SECOND):
            monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
            make.contract(lima.actor)
        assert numbers(lima) == ["CON-2026-001", "CON-2027-001", "CON-2026-002"]

    def test_never_changes(self, alice, bob):
        made = make.contract(alice.actor)
        answer = alice.put(f"/api/contratos/{made.pk}/", {"contract_number": "CON-1-1", "title": "x"})
        assert answer.json()["contract_number"] == made.number
