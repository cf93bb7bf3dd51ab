"""Which writes move the figures of a model, and by how much."""

from decimal import Decimal

import pytest
from django.apps import apps

from backend.core import rebuilding, tally
from backend.core.action import action
from backend.core.recording import unlink
from backend.modules.activities.models import Activity
from backend.modules.opportunities.figures import FiguresOutdated
from backend.modules.opportunities.models import Opportunity, Stage, StageChange
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(alice):
    """Runs a function of alice's actor as an action, and then asks whether the figures are what the rows say."""

    def run(function):
        result = action("test.write")(function)(alice.actor)
        assert rebuilding.drifts(alice.workspace.pk) == []
        return result

    return run


def figure(who, name) -> dict[str, int]:
    return {key: amount for key, amount in tally.totals(who.workspace.pk, name)[name].items() if amount}


class TestEveryFormOfAWrite:
    def test_many_at_once(self, alice, write):
        new = [Activity.objects.of(alice.actor).new(kind=kind, subject="One") for kind in ("call", "call", "note")]
        write(lambda actor: Activity.objects.of(actor).bulk_create(new))
        assert figure(alice, "activities") == {"call": 2, "note": 1}

    def test_one_field_of_many(self, alice, write):
        for _ in range(3):
            make.activity(alice.actor, kind="call")
        some = list(Activity.objects.of(alice.actor))
        for each in some:
            each.kind, each.status = "task", "pending"
        write(lambda actor: Activity.objects.of(actor).bulk_update(some, ["kind"]))
        assert (figure(alice, "activities"), figure(alice, "activities.by_status")) == ({"task": 3}, {"completed": 3})
        write(lambda actor: some[0].save())
        assert figure(alice, "activities.by_status") == {"completed": 2, "pending": 1}

    def test_the_end_of_many(self, alice, write):
        for kind in ("call", "note", "note"):
            make.activity(alice.actor, kind=kind)
        write(lambda actor: Activity.objects.of(actor).filter(kind="note").delete())
        assert figure(alice, "activities") == {"call": 1}

    def test_the_loss_of_a_reference(self, alice, write):
        contact = make.contact(alice.actor)
        make.opportunity(alice.actor, contact_id=contact.pk)
        write(lambda actor: contact.delete())
        assert Opportunity.objects.of(alice.actor).get().contact_id is None
        assert figure(alice, "contacts") == {}

    def test_what_is_not_saved_does_not_count(self, alice, write):
        make.opportunity(alice.actor, value=Decimal(10))
        deal = Opportunity.objects.of(alice.actor).get()
        deal.value = Decimal(99)
        write(lambda actor: StageChange.objects.of(actor).filter(opportunity=deal).delete() and deal.delete())
        assert figure(alice, "opportunities.value") == {}

    def test_moves_of_several_opportunities(self, alice, write):
        for _ in range(2):
            deal = make.opportunity(alice.actor)
            for stage in ("calificacion", "propuesta", "prospecto"):
                make.move(alice.actor, deal, stage)
        write(lambda actor: StageChange.objects.of(actor).filter(to_stage__key="propuesta").delete())
        stages = {str(stage.pk): stage.key for stage in Stage.objects.of(alice.actor)}
        found = {stages[key]: amount for key, amount in figure(alice, "passages.advanced").items()}
        assert found == {"prospecto": 2}

    def test_a_move_that_is_told_of_late(self, alice, write):
        deal = make.opportunity(alice.actor)
        make.move(alice.actor, deal, "negociacion")
        move = StageChange.objects.of(alice.actor).get(to_stage__key="negociacion")
        move.changed_at = deal.created_at.replace(year=2020)
        write(lambda actor: StageChange.objects.of(actor).bulk_update([move], ["changed_at"]))
        assert figure(alice, "passages.advanced") == {}


def test_no_figure_goes_by_a_reference_that_may_be_lost():
    """Whoever loses one is not read whole."""
    for model in apps.get_models():
        for figures in getattr(model, "figures", ()):
            fields = [field for field in model._meta.concrete_fields if field.attname in figures.by]
            assert not any(field.remote_field and field.remote_field.on_delete is unlink for field in fields)


class TestAnActionWithinAnAction:
    def test_counts_moves_of_both_once(self, alice, write):
        deal = make.opportunity(alice.actor)
        stages = {stage.key: stage for stage in Stage.objects.of(alice.actor)}

        def both(actor):
            new = {"opportunity": deal, "changed_at": deal.created_at, "from_stage": stages["prospecto"]}
            StageChange.objects.of(actor).create(to_stage=stages["propuesta"], **new)
            make.move(actor, deal, "propuesta")
            StageChange.objects.of(actor).create(to_stage=stages["calificacion"], **new)

        write(both)


class TestAStage:
    @pytest.mark.parametrize(("field", "value"), [("position", 9), ("outcome", "lost")])
    def test_does_not_change_what_passages_were_found_by(self, alice, write, field, value):
        stage = Stage.objects.of(alice.actor).get(key="propuesta")
        setattr(stage, field, value)
        with pytest.raises(FiguresOutdated):
            write(lambda actor: stage.save())

    def test_changes_its_name(self, alice, write):
        stage = Stage.objects.of(alice.actor).get(key="propuesta")
        stage.name = "Oferta"
        write(lambda actor: stage.save())


class TestALargeSum:
    def test_is_exact_beyond_what_a_column_holds(self, alice):
        largest = Decimal("999999999999.99")
        make.opportunity(alice.actor, value=largest, probability=100)
        [(key, weighted)] = figure(alice, "opportunities.weighted").items()
        tally.count({(alice.workspace.pk, "opportunities.weighted", key): weighted * 2000})
        assert weighted * 2001 > 2**64
        for _ in range(2):
            assert figure(alice, "opportunities.weighted") == {key: weighted * 2001}
            tally.compact()
