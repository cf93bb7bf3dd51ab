"""Several moves of one opportunity at once."""

import random
from itertools import pairwise

import pytest

from backend.core.listing import Window
from backend.modules.opportunities import actions, queries
from backend.modules.opportunities.models import Opportunity, StageChange
from tests import make
from tests.test_parallel import at_once

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]

KEYS = ["prospecto", "calificacion", "propuesta", "negociacion", "cerrada_ganada", "cerrada_perdida"]


def test_parallel_moves_form_a_chain_to_where_it_stands(alice):
    deal = make.opportunity(alice.actor)
    targets = random.Random(6).choices(KEYS, k=40)
    at_once(40, lambda which: actions.move(alice.actor, deal.pk, stage=targets[which]))
    moves = list(StageChange.objects.of(alice.actor).select_related("from_stage", "to_stage").order_by("id"))
    assert all(before.to_stage == after.from_stage for before, after in pairwise(moves))
    assert all(before.changed_at <= after.changed_at for before, after in pairwise(moves))
    assert all(move.from_stage != move.to_stage for move in moves)
    stored = Opportunity.objects.of(alice.actor).select_related("stage").get()
    assert moves[-1].to_stage == stored.stage
    assert stored.probability == stored.stage.probability
    assert (stored.closed_on is None) == (stored.stage.outcome == "open")


def test_parallel_closings_close_it_once(alice):
    deal = make.opportunity(alice.actor)
    at_once(12, lambda which: actions.update(alice.actor, deal.pk, outcome="won"))
    moves = StageChange.objects.of(alice.actor).values_list("to_stage__key", flat=True).order_by("id")
    assert list(moves) == ["prospecto", "cerrada_ganada"]


def test_parallel_creations_are_all_in_the_totals(alice):
    at_once(24, lambda which: make.opportunity(alice.actor, value=which, currency="USD"))
    _, totals = queries.page(alice.actor, queries.Filters(), Window(size=5))
    assert (totals.count, totals.by_currency["USD"].value) == (24, sum(range(24)))
