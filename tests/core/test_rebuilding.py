"""The figures compared with the rows, and put right."""

import logging

import pytest

from backend.core import due, rebuilding, tally
from backend.core.models import Tally
from backend.core.rebuilding import Drift
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost(alice):
    """What alice's workspace has, after two addends of it were lost and one came from nowhere."""
    make.contact(alice.actor)
    make.opportunity(alice.actor, currency="USD")
    here = Tally.objects.filter(workspace_id=alice.workspace.pk)
    here.filter(name__in=("contacts", "opportunities.value")).delete()
    tally.count({(alice.workspace.pk, "contacts", "active"): 3, (alice.workspace.pk, "gone", "x"): 7})
    return alice.workspace.pk


class TestACorrection:
    def test_makes_the_figures_what_the_rows_say(self, lost, alice):
        stage = make.stage(alice.actor, "prospecto")
        assert rebuilding.correct(lost) == [
            Drift("contacts", "active", 3, 0),
            Drift("contacts", "lead", 0, 1),
            Drift("gone", "x", 7, 0),
            Drift("opportunities.value", f"{stage.pk}:USD", 0, 100_000),
        ]
        assert rebuilding.drifts(lost) == []
        assert tally.totals(lost, "contacts") == {"contacts": {"active": 0, "lead": 1}}

    def test_of_nothing_appends_nothing(self, alice):
        make.opportunity(alice.actor)
        before = Tally.objects.count()
        assert rebuilding.correct(alice.workspace.pk) == []
        assert Tally.objects.count() == before

    def test_leaves_other_workspaces_alone(self, lost, stranger):
        make.contact(stranger.actor)
        Tally.objects.filter(workspace_id=stranger.workspace.pk, name="contacts").delete()
        rebuilding.correct(lost)
        assert rebuilding.drifts(stranger.workspace.pk) == [Drift("contacts", "lead", 0, 1)]


class TestARebuild:
    def test_says_what_was_off_and_the_doctor_until_it_is_clean(self, lost, caplog):
        with caplog.at_level(logging.WARNING, "backend.core.rebuilding"):
            rebuilding.rebuild(lost)
        assert f"Figure contacts[active] of workspace {lost} was 3 and should have been 0: corrected" in caplog.messages
        assert (len(caplog.messages), due.figures()["figures"].failed) == (4, 4)
        rebuilding.rebuild(lost)
        assert (len(caplog.messages), due.figures()["figures"].failed) == (4, 0)


def test_a_figure_has_one_name():
    names = [name for _, figures in rebuilding.declared() for name in figures.names]
    assert len(names) == len(set(names))
