"""The migrations that begin to keep the figures, on a database that has rows."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backend.core import rebuilding, tally
from backend.core.models import Tally
from backend.modules.contacts.models import Contact, Stage
from tests import make
from tests.modules.reports import counting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def migrate():
    """Migrates to a state, and in the end to the newest."""

    def to(*targets: tuple[str, str]) -> None:
        executor = MigrationExecutor(connection)
        executor.migrate(list(targets) or executor.loader.graph.leaf_nodes())

    yield to
    to()


def test_rows_from_before_are_in_the_figures(alice, stranger, migrate):
    for who in (alice, stranger):
        make.contact(who.actor)
        for stage in ("calificacion", "cerrada_ganada"):
            make.move(who.actor, make.opportunity(who.actor), stage)
        make.activity(who.actor, status="pending")
    Tally.objects.all().delete()
    migrate(("core", "0002_idempotent_callers"))
    with connection.cursor() as cursor:  # what the version before kept
        for name, amount in (("contacts:lead", 1), ("opportunities:PEN", 2)):
            here = [alice.workspace.pk, name, amount]
            cursor.execute("INSERT INTO tallies (workspace_id, name, amount) VALUES (%s, %s, %s)", here)
    migrate(("core", "0003_figures"))
    assert tally.total(alice.workspace.pk, Contact, Stage.values) == 1
    migrate()
    for who in (alice, stranger):
        assert rebuilding.drifts(who.workspace.pk) == []
        assert tally.total(who.workspace.pk, Contact, Stage.values) == 1
        found = tally.totals(who.workspace.pk, "passages.entered", "activities.by_status", "opportunities")
        assert [sum(each.values()) for each in found.values()] == [3, 1, 2]


def test_rows_from_before_are_in_the_figures_by_company(alice, stranger, migrate):
    for who in (alice, stranger):
        company = make.company(who.actor, name="Acme")
        make.contact(who.actor, company_name="Acme")
        make.opportunity(who.actor, company_id=company.pk, stage="cerrada_ganada")
    migrate(("reports", "0001_fill_figures"), ("opportunities", "0003_stage_changes_newest"))
    Tally.objects.filter(name__contains="by_company").delete()  # the version before kept none
    assert len(rebuilding.drifts(alice.workspace.pk)) == 3
    migrate()
    for who in (alice, stranger):
        assert rebuilding.drifts(who.workspace.pk) == []
        assert who.get(counting.COMPANIES).json()["data"] == counting.companies(who)
        assert who.get(counting.TOP).json() == counting.top(who)
