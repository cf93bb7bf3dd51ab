"""Figures, rows, compactions and rebuilds at once."""

import random

import pytest

from backend.core import rebuilding, tally
from backend.core.errors import NotFound
from backend.modules.activities import actions as activities
from backend.modules.contacts import actions as contacts
from backend.modules.opportunities import actions as opportunities
from tests import make
from tests.modules.reports import counting
from tests.test_parallel import at_once

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]

STAGES = ["prospecto", "calificacion", "propuesta", "negociacion", "cerrada_ganada", "cerrada_perdida"]


def test_what_is_kept_is_what_there_is_at_every_moment(alice, monkeypatch):
    """A rebuild between the writes finds nothing to correct, although it takes no lock that they would wait for."""
    monkeypatch.setattr(tally, "KEPT_APART", 1)
    actor, chance = alice.actor, random.Random(3)  # noqa: S311
    shared = [make.opportunity(actor) for _ in range(3)]
    plans = [(chance.randrange(5), chance.choice(shared).pk, chance.choice(STAGES)) for _ in range(90)]

    def work(which: int) -> list[rebuilding.Drift]:
        kind, deal, stage = plans[which]
        if which % 9 == 0:
            return rebuilding.rebuild(alice.workspace.pk)
        if which % 9 == 1:
            tally.compact()
        elif kind == 0:
            made = make.opportunity(actor, stage=stage, currency="USD")
            opportunities.update(actor, made.pk, value=which, probability=which)
            opportunities.delete(actor, made.pk)
        elif kind == 1:
            activities.update(actor, make.activity(actor, status="pending").pk, kind="note", status="completed")
        elif kind == 2:
            opportunities.update(actor, deal, value=which, currency="EUR")
        else:
            opportunities.move(actor, deal, stage=stage)
        return []

    assert at_once(90, work) == [[]] * 90
    assert rebuilding.drifts(alice.workspace.pk) == []
    for deal in shared:
        opportunities.delete(actor, deal.pk)
    assert rebuilding.drifts(alice.workspace.pk) == []
    assert sum(tally.totals(alice.workspace.pk, "passages.entered")["passages.entered"].values()) == 0


def test_one_deletion_of_several_counts(alice):
    deal = make.opportunity(alice.actor)

    def delete(which: int) -> bool:
        try:
            opportunities.delete(alice.actor, deal.pk)
        except NotFound:
            return False
        return True

    assert sum(at_once(6, delete)) == 1
    assert rebuilding.drifts(alice.workspace.pk) == []


def test_one_rebuild_of_several_corrects(alice):
    make.contact(alice.actor)
    tally.count({(alice.workspace.pk, "contacts", "lead"): 5})
    found = at_once(6, lambda which: rebuilding.rebuild(alice.workspace.pk))
    assert sorted(map(len, found)) == [0, 0, 0, 0, 0, 1]
    assert rebuilding.drifts(alice.workspace.pk) == []


def test_the_reports_by_company_are_what_the_rows_say_after_many_writes_at_once(alice, monkeypatch):
    """Few companies, so that all write about the same ones; compactions, rebuilds and reports come between."""
    monkeypatch.setattr(tally, "KEPT_APART", 1)
    actor, chance = alice.actor, random.Random(5)  # noqa: S311
    places = [make.company(actor).pk for _ in range(3)]
    deals = [make.opportunity(actor, company_id=places[0]).pk for _ in range(3)]
    people = [make.contact(actor, company_id=places[0]).pk for _ in range(3)]
    plans = [(chance.choice(places), chance.randrange(3), chance.choice(STAGES)) for _ in range(90)]

    def work(which: int) -> list[rebuilding.Drift]:
        place, number, stage = plans[which]
        if which % 9 == 0:
            return rebuilding.rebuild(alice.workspace.pk)
        if which % 9 == 1:
            tally.compact_workspace(alice.workspace.pk)
        elif which % 9 == 2:
            tally.compact()
        elif which % 9 == 3:
            contacts.delete(actor, make.contact(actor, company_id=place).pk)
        elif which % 9 == 4:
            contacts.update(actor, people[number], company_id=place)
        elif which % 9 == 5:
            make.opportunity(actor, company_id=place, stage=stage, value=which)
        else:
            opportunities.update(actor, deals[number], company_id=place, stage=stage, value=which)
        return []

    assert at_once(90, work) == [[]] * 90
    assert rebuilding.drifts(alice.workspace.pk) == []
    assert alice.get(counting.COMPANIES).json()["data"] == counting.companies(alice)
    assert alice.get(counting.TOP).json() == counting.top(alice)
