"""What a move between stages does, whoever asks for it, and what it leaves behind."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from backend.core.errors import NotFound
from backend.modules.identity.queries import UnknownUser
from backend.modules.ledger.models import Entry
from backend.modules.opportunities import actions, queries
from backend.modules.opportunities.actions import ExternalIdTaken
from backend.modules.opportunities.models import Opportunity, StageChange
from tests import make

pytestmark = pytest.mark.django_db

MAY = datetime(2026, 5, 4, 15, tzinfo=UTC)


def history(alice, opportunity) -> list[tuple]:
    moves = StageChange.objects.of(alice.actor).filter(opportunity=opportunity).order_by("id")
    return [
        (move.from_stage and move.from_stage.key, move.to_stage.key, move.reason, move.seconds_before) for move in moves
    ]


class TestAMove:
    def test_says_from_where_to_where_when_who_and_why(self, alice, bob):
        deal = make.opportunity(alice.actor, at=MAY)
        actions.move(bob.actor, deal.pk, stage="propuesta", reason="Pidió precio", at=MAY + timedelta(hours=3))
        created, move = StageChange.objects.of(alice.actor).order_by("id")
        assert (created.from_stage, created.to_stage.key, created.changed_at) == (None, "prospecto", MAY)
        assert (created.changed_by, created.seconds_before) == (alice.user, None)
        assert (move.from_stage.key, move.to_stage.key, move.reason) == ("prospecto", "propuesta", "Pidió precio")
        assert (move.changed_at, move.changed_by) == (MAY + timedelta(hours=3), bob.user)

    def test_counts_the_seconds_in_the_stage_before(self, alice):
        deal = make.opportunity(alice.actor, at=MAY)
        actions.move(alice.actor, deal.pk, stage="propuesta", at=MAY + timedelta(days=2))
        actions.move(alice.actor, deal.pk, stage="venta", at=MAY + timedelta(days=2, seconds=90))
        assert [seconds for *_, seconds in history(alice, deal)] == [None, 2 * 86_400, 90]

    def test_back_in_time_counts_no_negative_seconds(self, alice):
        deal = make.opportunity(alice.actor, at=MAY)
        actions.move(alice.actor, deal.pk, stage="propuesta", at=MAY - timedelta(days=2))
        assert history(alice, deal)[-1][3] == 0

    def test_to_where_it_stands_is_none(self, alice):
        deal = make.opportunity(alice.actor)
        before = (Opportunity.objects.of(alice.actor).get().version, Entry.objects.of(alice.actor).count())
        actions.move(alice.actor, deal.pk, stage="Prospecto", reason="Otra vez")
        actions.update(alice.actor, deal.pk, stage="prospecto")
        actions.update(alice.actor, deal.pk, is_open=True, outcome="open")
        assert len(history(alice, deal)) == 1
        assert (Opportunity.objects.of(alice.actor).get().version, Entry.objects.of(alice.actor).count()) == before

    def test_through_any_way_forms_a_chain(self, alice):
        deal = make.opportunity(alice.actor)
        actions.move(alice.actor, deal.pk, stage="negociacion")
        actions.update(alice.actor, deal.pk, outcome="lost")
        actions.update(alice.actor, deal.pk, is_open=True)
        actions.update(alice.actor, deal.pk, stage="venta")
        moves = history(alice, deal)
        assert [to for _, to, *_ in moves] == [
            "prospecto",
            "negociacion",
            "cerrada_perdida",
            "prospecto",
            "cerrada_ganada",
        ]
        assert all(before[1] == after[0] for before, after in pairwise(moves))

    def test_of_another_workspace_is_not_found(self, alice, stranger):
        deal = make.opportunity(alice.actor)
        with pytest.raises(NotFound):
            actions.move(stranger.actor, deal.pk, stage="venta")


class TestTheDayOfClosing:
    """Lima is five hours behind UTC."""

    @pytest.mark.parametrize(
        ("moment", "day"),
        [
            (datetime(2026, 5, 5, 4, 59, 59, tzinfo=UTC), date(2026, 5, 4)),
            (datetime(2026, 5, 5, 5, 0, 0, tzinfo=UTC), date(2026, 5, 5)),
            (datetime(2027, 1, 1, 4, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        ],
    )
    def test_is_that_of_the_workspaces_time_zone(self, alice, moment, day):
        deal = make.opportunity(alice.actor, at=MAY)
        assert actions.move(alice.actor, deal.pk, stage="venta", at=moment).closed_on == day

    def test_of_one_that_is_created_closed_is_the_day_of_its_creation(self, alice):
        deal = make.opportunity(alice.actor, stage="perdida", at=datetime(2026, 5, 5, 3, tzinfo=UTC))
        assert (deal.closed_on, deal.probability) == (date(2026, 5, 4), 0)

    def test_moves_when_it_goes_from_lost_to_won(self, alice):
        deal = make.opportunity(alice.actor, stage="perdida", at=MAY)
        won = actions.move(alice.actor, deal.pk, stage="venta", at=MAY + timedelta(days=9))
        assert (won.closed_on, won.probability) == (date(2026, 5, 13), 100)


class TestAnImportedOpportunity:
    def test_came_into_being_when_it_says(self, alice):
        deal = make.opportunity(alice.actor, at=MAY)
        stored = Opportunity.objects.of(alice.actor).get(pk=deal.pk)
        assert (stored.created_at, stored.stage_entered_at) == (MAY, MAY)

    def test_has_made_the_moves_that_came_with_it(self, alice):
        moves = [("propuesta", MAY + timedelta(days=2)), ("venta", MAY + timedelta(days=2, seconds=90))]
        deal = make.opportunity(alice.actor, stage="calificacion", at=MAY, moves=moves, probability=60)
        stored = Opportunity.objects.of(alice.actor).get(pk=deal.pk)
        assert (stored.created_at, stored.stage_entered_at) == (MAY, MAY + timedelta(days=2, seconds=90))
        assert (stored.stage.key, stored.probability, stored.closed_on) == ("cerrada_ganada", 100, date(2026, 5, 6))
        assert history(alice, deal) == [
            (None, "calificacion", "", None),
            ("calificacion", "propuesta", "", 2 * 86_400),
            ("propuesta", "cerrada_ganada", "", 90),
        ]

    def test_is_written_once(self, alice):
        make.opportunity(alice.actor, at=MAY, moves=[("venta", MAY)])
        entries = Entry.objects.of(alice.actor).filter(table="opportunities")
        assert [entry.verb for entry in entries] == ["opportunity.created"]
        assert Opportunity.objects.of(alice.actor).get().version == 1


class TestTheReferenceOfAnotherSystem:
    def test_is_one_opportunitys(self, alice):
        make.opportunity(alice.actor, external_id="A1")
        with pytest.raises(ExternalIdTaken):
            make.opportunity(alice.actor, external_id="A1")
        assert queries.find_by_external_ids(alice.actor, ["A1", "a1", ""]).keys() == {"A1"}

    def test_is_no_other_workspaces_affair(self, alice, stranger):
        ours = make.opportunity(alice.actor, external_id="A1")
        make.opportunity(stranger.actor, external_id="A1")
        assert queries.find_by_external_ids(alice.actor, ["A1"]) == {"A1": ours}

    def test_need_not_be(self, alice):
        make.opportunity(alice.actor)
        make.opportunity(alice.actor)
        assert queries.find_by_external_ids(alice.actor, [""]) == {}


class TestAStageAtHand:
    def test_need_not_be_named(self, alice):
        (*_, lost) = queries.stages(alice.actor)
        assert make.opportunity(alice.actor, stage=lost).stage == lost

    def test_is_unknown_from_another_workspace(self, alice, stranger):
        theirs = queries.stages(stranger.actor)[0]
        with pytest.raises(queries.UnknownStage):
            make.opportunity(alice.actor, stage=theirs)


class TestTheOwner:
    def test_has_to_be_a_member(self, alice, stranger):
        with pytest.raises(UnknownUser):
            make.opportunity(alice.actor, assigned_to_id=stranger.user.pk)
        assert not Opportunity.objects.of(alice.actor).exists()


class TestDelete:
    def test_takes_the_history_along_and_leaves_the_activities(self, alice):
        deal = make.opportunity(alice.actor)
        activity = make.activity(alice.actor, opportunity_id=deal.pk)
        actions.delete(alice.actor, deal.pk)
        activity.refresh_from_db()
        assert activity.opportunity_id is None
        assert not StageChange.objects.of(alice.actor).exists()
