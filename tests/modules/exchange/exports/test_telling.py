"""What the owner of an export is told over their sockets."""

import pytest

from backend.core import live
from backend.modules.exchange import actions, tasks
from backend.modules.exchange.models import Export, State
from backend.modules.identity.actions import users
from tests import make, people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(monkeypatch):
    """Who was told what."""
    noted = []
    monkeypatch.setattr(live, "tell", lambda *who_and_what: noted.append(who_and_what))
    return noted


def frames_of(told, who) -> list[dict]:
    """About exports; what stands in their notifications they are told beside."""
    frames = [frame for *place, frame in told if place == [who.workspace.pk, who.user.pk]]
    return [frame for frame in frames if frame["type"].startswith("export.")]


def test_how_far_it_is_and_that_its_file_is_there(alice, bob, write, told):
    make.company(alice.actor)
    export = write(make.export(alice.actor))
    *progress, end = frames_of(told, alice)
    assert progress[0] == {"type": "export.progress", "export": export.pk, "rows_done": 0, "rows_total": 1}
    assert {each["type"] for each in progress} == {"export.progress"}
    named = {"export": export.pk, "source": "sales.empresas", "format": "csv", "rows": 1}
    assert end == {"type": "export.ready"} | named
    assert frames_of(told, bob) == []


def test_that_it_failed_for_good_and_why(alice, stranger, write, told):
    export = make.export(alice.actor)
    users.set_active(alice.actor, people.person("eve", alice.workspace, "admin").user.pk, is_active=False)
    users.set_active(people.person("carla", alice.workspace, "admin").actor, alice.user.pk, is_active=False)
    write(export)
    (frame,) = frames_of(told, alice)
    assert (frame["type"], frame["reason"]) == ("export.failed", "permission_denied")


def test_nothing_of_an_attempt_that_is_followed_by_another(alice, given, told):
    export = actions.claim(alice.actor, make.export(alice.actor).pk)
    actions.settle_failed(alice.actor, export.pk, attempt=export.attempts, reason="unavailable", is_final=False)
    assert told == []


def test_that_it_was_cancelled(alice, given, told):
    export = make.export(alice.actor)
    actions.cancel(alice.actor, export.pk)
    (frame,) = frames_of(told, alice)
    assert (frame["type"], frame["export"]) == ("export.cancelled", export.pk)


def test_nothing_more_when_it_is_swept(alice, write, change, told):
    export = write(make.export(alice.actor))
    change(export, expires_at=export.created_at)
    told.clear()
    assert tasks.sweep_exports() == 1
    assert told == []
    assert not Export.objects.of(alice.actor).filter(state=State.DONE).exists()
