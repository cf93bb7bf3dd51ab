"""The figures are those of the whole workspace, which is right only while everybody may see all of it."""

from dataclasses import replace

import pytest

from backend.modules.activities import queries as activities
from backend.modules.activities.models import Activity
from backend.modules.companies import queries as companies
from backend.modules.companies.models import Company
from backend.modules.contacts import queries as contacts
from backend.modules.contacts.models import Contact
from backend.modules.opportunities import queries as opportunities
from backend.modules.opportunities.models import Opportunity, StageChange

pytestmark = pytest.mark.django_db

VISIBLE = [
    (opportunities.visible_to, Opportunity),
    (opportunities.moves, StageChange),
    (activities.visible_to, Activity),
    (companies.visible_to, Company),
    (contacts.visible_to, Contact),
]


@pytest.mark.parametrize(("visible_to", "model"), VISIBLE, ids=[model.__name__ for _, model in VISIBLE])
def test_nobody_who_reads_reports_is_kept_from_rows_that_the_figures_count(bob, visible_to, model):
    """If this fails, a module has begun to hide rows: the reports that read `kept.py` have to leave them out, too."""
    reader = replace(bob.actor, unrestricted=False, permissions=frozenset({"reports.view"}))
    assert str(visible_to(reader).query) == str(model.objects.of(reader).query)
