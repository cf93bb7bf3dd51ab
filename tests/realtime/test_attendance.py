"""What a process writes down of its sockets while the database is not always there."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from backend.modules.messaging.actions import presence as actions
from backend.modules.messaging.models import Connection
from backend.modules.messaging.presence import SILENCE
from realtime import presence
from realtime.presence import Attendance, Roll
from realtime.threads import in_thread
from tests import people
from tests.realtime.served import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def away(monkeypatch):
    """Turned on, it keeps the database from taking what is written of sockets."""
    state = {"away": True, "tried": 0}

    def keep(*args, **kwargs) -> None:
        state["tried"] += 1
        if state["away"]:
            raise OperationalError("the database is away")
        really(*args, **kwargs)

    really = actions.keep
    monkeypatch.setattr(actions, "keep", keep)
    monkeypatch.setattr(presence, "BEAT", timedelta(milliseconds=50))
    return state


def test_what_the_database_did_not_take_is_written_later(away, bob, caplog):
    rows = Connection.objects.of(bob.actor)

    async def until(condition) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await in_thread(condition):
                await asyncio.sleep(0.05)

    async def come_and_go() -> None:
        attendance = Attendance()
        async with attendance.of(bob.actor):
            assert not await in_thread(rows.exists)
            away["away"] = False
            await until(lambda: rows.filter(closed_at=None).exists())
            away["away"], tried = True, away["tried"]
        assert away["tried"] > tried
        away["away"] = False
        await until(lambda: not rows.filter(closed_at=None).exists())

    asyncio.run(come_and_go())
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_who_was_not_heard_of_itself_takes_nobody_for_dead(bob):
    long_ago = timezone.now() - SILENCE
    orphan = Connection.objects.of(bob.actor).new(
        user=bob.user, process_id=uuid4(), opened_at=long_ago, active_at=long_ago
    )
    people.writing(bob.workspace.pk, orphan.save)
    roll = Roll()
    roll.write([])
    assert Connection.objects.of(bob.actor).exists()
    roll._beaten_at = None  # it is time for the next heartbeat
    roll.write([])
    assert not Connection.objects.of(bob.actor).exists()
