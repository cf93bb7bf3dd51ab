"""manage.py rebuild_figures, and what is done at night."""

from io import StringIO

import pytest
from celery import current_app
from django.core.management import CommandError, call_command

from backend.core.models import Tally
from backend.modules.reports import tasks
from tests import make
from worker.schedule import NIGHTLY

pytestmark = pytest.mark.django_db


def run(*options: str) -> list[str]:
    written = StringIO()
    call_command("rebuild_figures", *options, stdout=written)
    return written.getvalue().splitlines()


@pytest.fixture
def lost(alice, stranger):
    """Two workspaces that have lost an addend each; answers their numbers."""
    for who in (alice, stranger):
        make.contact(who.actor)
    Tally.objects.filter(name="contacts").delete()
    return alice.workspace.pk, stranger.workspace.pk


class TestTheCommand:
    def test_says_what_was_off_and_corrects_it(self, lost):
        found = [f"workspace {each}: contacts[lead] is 0, should be 1" for each in lost]
        assert run() == [*found, "2 figures were off."]
        assert run() == ["Every figure is right."]

    def test_takes_one_workspace(self, lost):
        assert len(run("--workspace", str(lost[1]))) == 2
        assert run("--workspace", str(lost[1])) == ["Every figure is right."]
        assert len(run()) == 2
        with pytest.raises(CommandError, match=r"There is no workspace 0\."):
            run("--workspace", "0")

    def test_only_looks_if_it_is_asked_to(self, lost, capsys):
        for _ in range(2):
            with pytest.raises(SystemExit) as end:
                call_command("rebuild_figures", "--check")
            assert end.value.code == 1
            assert capsys.readouterr().out.endswith("2 figures are off.\n")
        run()
        assert run("--check") == ["Every figure is right."]


def test_every_night_the_figures_of_a_workspace_are_corrected(lost):
    job = NIGHTLY["rebuild figures"]
    assert job["task"] == tasks.rebuild_figures.name
    tasks.rebuild_figures(lost[0])
    assert run("--check", "--workspace", str(lost[0])) == ["Every figure is right."]
    assert current_app.amqp.router.route({}, job["task"])["queue"].name == job["queue"] == "reports"
