"""Several processes settle one person at the same time."""

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from backend.core import live
from backend.core.actor import Actor
from backend.modules.messaging.actions import presence as actions
from backend.modules.messaging.actions.presence import Socket
from backend.modules.messaging.models import Connection, Presence
from backend.modules.messaging.presence import GRACE
from backend.modules.messaging.queries import presence as queries
from tests import people
from tests.test_parallel import at_once

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def told(monkeypatch):
    frames = []
    monkeypatch.setattr(live, "tell_all", lambda workspace_id, to, frame, **_: frames.append(frame))
    return frames


def test_what_is_due_is_told_once(told, bob, carla):
    here, process = Actor.system(bob.workspace.pk), uuid4()
    actions.beat(Actor.system(None), process_id=process)
    now = timezone.now()
    sockets = [Socket(uuid4(), who.user.pk, now, now) for who in (bob, carla)]
    actions.keep(here, process_id=process, opened=sockets)
    long_ago = now - 2 * GRACE
    actions.keep(here, process_id=process, closed={each.id: long_ago for each in sockets})
    told.clear()

    def make_due() -> None:
        for each in Presence.objects.of(here):
            each.shown, each.due_at = "online", long_ago
            each.save()

    people.writing(bob.workspace.pk, make_due)
    at_once(12, lambda which: actions.settle_due())
    assert sorted((frame["user"], frame["status"]) for frame in told) == [
        (bob.user.pk, "offline"),
        (carla.user.pk, "offline"),
    ]


def test_many_who_come_and_go_leave_what_is_true(told, alice, bob, carla, dario):
    everybody, here = [alice, bob, carla, dario], Actor.system(bob.workspace.pk)

    def come_and_go(which: int) -> None:
        process, now, order = uuid4(), timezone.now(), random.sample(everybody, 4)  # noqa: S311
        actions.beat(Actor.system(None), process_id=process)
        sockets = [Socket(uuid4(), who.user.pk, now, now) for who in order]
        actions.keep(here, process_id=process, opened=sockets)
        actions.choose(order[0].actor, status=random.choice(["online", "busy"]))  # noqa: S311
        actions.note_activity(here, active={each.id: timezone.now() for each in sockets})
        actions.keep(here, process_id=process, closed={each.id: now - timedelta(minutes=1) for each in sockets[1:]})
        actions.settle(here, user_ids=[who.user.pk for who in order])

    at_once(24, come_and_go)
    open_ = set(Connection.objects.of(here).values_list("user_id", flat=True))
    assert Connection.objects.of(here).count() == 24
    for who in everybody:
        shown = Presence.objects.of(here).get(user=who.user).shown
        assert shown == queries.own(who.actor).status
        assert (shown != "offline") == (who.user.pk in open_)
        last = [frame["status"] for frame in told if frame["user"] == who.user.pk]
        assert last[-1:] in ([shown], [])
