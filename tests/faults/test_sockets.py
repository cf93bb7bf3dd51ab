"""Conversations over two Daphne processes while one is killed, while redis goes, while who publishes dies."""

import asyncio
import contextlib
import itertools
import os
import subprocess
import sys
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from backend.core import live
from backend.modules.messaging import actions
from tests.faults.clients import Client
from tests.faults.probe import Caller
from tests.realtime import served
from tests.realtime.served import PATIENCE, frame
from tests.source import ROOT
from tests.worker.tree import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults"), pytest.mark.timeout(1500)]

EACH, OVER_REST = 20, 40  # messages
KILLED = """
import os, signal, sys
import django
django.setup()
from backend.core import live
from backend.core.actor import Actor
from backend.modules.messaging.actions import messages
live.publish = lambda *hint: os.kill(os.getpid(), signal.SIGKILL)
workspace_id, user_id, conversation_id = map(int, sys.argv[1:])
actor = Actor(workspace_id, user_id, unrestricted=True)
messages.send(actor, conversation_id, content="the last words")
"""


@pytest.fixture(scope="module")
def redis():
    with TemporaryDirectory(prefix="crisol-") as folder:
        broker = served.Broker(Path(folder) / "redis.sock")
        yield broker
        broker.stop()


@pytest.fixture(scope="module")
def daphnes(redis, django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), contextlib.ExitStack() as stack:
        servers = [stack.enter_context(served.starting(tmp_path_factory.mktemp("daphne"), redis.url)) for _ in (1, 2)]
        yield servers


@pytest.fixture(autouse=True)
def _all_is_well(redis, daphnes, settings, monkeypatch):
    settings.CHANNEL_LAYERS = {"default": settings.CHANNEL_LAYERS["default"] | {"CONFIG": {"hosts": [redis.url]}}}
    monkeypatch.setattr(live, "_silent_until", 0.0)
    monkeypatch.setattr(live, "_warned_until", 0.0)
    for each in daphnes:
        until(each.answers, PATIENCE)


@pytest.fixture
def people(alice, bob, carla, dario):
    return alice, bob, carla, dario


@pytest.fixture
def groups(people) -> list[int]:
    ids = [each.user.pk for each in people]
    made = [actions.create(people[0].actor, kind="group", title=f"Group {n}", participant_ids=ids) for n in range(3)]
    return [each.conversation_id for each in made]


class Talk:
    """Two clients of each person over both servers, and somebody who writes over REST meanwhile."""

    def __init__(self, people, groups, daphnes) -> None:
        self.people, self.groups = people, groups
        ports = [each.port for each in daphnes]
        self.clients = [
            Client(
                f"{person.user.username}{window}",
                person.token,
                ports[window:] + ports[:window],
                [(groups[number % len(groups)], f"{window} {number}") for number in range(EACH)],
            )
            for person in people
            for window in (0, 1)
        ]
        self.total = len(self.clients) * EACH + OVER_REST
        self.ports, self.token, self.written = ports, people[0].token, 0

    def is_done(self) -> bool:
        """Everything was acknowledged, and everybody was told as much as there is."""
        everything = self.written == OVER_REST and not any(each.waiting for each in self.clients)
        return everything and all(sum(map(len, each.messages.values())) >= self.total for each in self.clients)

    def acknowledged(self) -> int:
        return len(self.clients) * EACH - sum(len(each.waiting) for each in self.clients)

    async def go(self, *faults) -> None:
        """Have each fault, a function, happen when the next part of the messages was acknowledged."""
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
            for each in self.clients:
                tasks.create_task(each.run(self.is_done))
            tasks.create_task(self.write_over_rest())
            for number, fault in enumerate(faults, start=1):
                while self.acknowledged() < number * len(self.clients) * EACH // (len(faults) + 1):
                    await asyncio.sleep(0.02)
                await asyncio.to_thread(fault)

    async def write_over_rest(self) -> None:
        """Each at least twice, through one server and the other: under the same name it is sent once."""
        for number in range(OVER_REST):
            path = f"/api/mensajes/conversations/{self.groups[number % len(self.groups)]}/messages/"
            message = {"content": f"over REST {number}", "client_id": f"rest-{number}"}
            for attempt in itertools.count():
                caller = Caller(f"http://127.0.0.1:{self.ports[attempt % 2]}", self.token)
                with contextlib.suppress(OSError, HTTPException):
                    if (await asyncio.to_thread(caller.post, path, message)).is_well and attempt:
                        break
                await asyncio.sleep(0.2)
            self.written += 1
            await asyncio.sleep(0.1)

    def lost_and_doubled_nothing(self) -> None:
        for group in self.groups:
            over_rest = self.read(group)
            names = [(row["sender"]["id"], row["client_id"]) for row in over_rest]
            assert len(set(names)) == len(names)
            for each in self.clients:
                assert each.messages[group] == [row["id"] for row in over_rest]
        assert sum(map(len, self.clients[0].messages.values())) == self.total
        assert [each.doubled for each in self.clients] == [[] for _ in self.clients]

    def read(self, group: int) -> list[dict]:
        rows: list[dict] = []
        path = f"/api/mensajes/conversations/{group}/messages/?page_size=100&page="
        while (answer := self.people[0].get(f"{path}{1 + len(rows) // 100}").json())["next"] is not None:
            rows += answer["results"]
        return rows + answer["results"]


class TestADaphneThatIsKilledUnderLoad:
    def test_loses_nothing_and_doubles_nothing(self, daphnes, people, groups):
        first, second = daphnes
        talk = Talk(people, groups, daphnes)
        asyncio.run(talk.go(first.kill, first.start, second.kill, second.start))
        talk.lost_and_doubled_nothing()
        assert sum(each.ends["cut"] for each in talk.clients) >= 4


class TestARedisThatIsRestartedUnderLoad:
    def test_loses_nothing_and_doubles_nothing(self, redis, daphnes, people, groups):
        talk = Talk(people, groups, daphnes)

        def restart() -> None:
            redis.stop()
            until(lambda: sum(each.ends[4503] for each in talk.clients) >= len(talk.clients))
            redis.start()

        asyncio.run(talk.go(restart))
        talk.lost_and_doubled_nothing()


class TestSomebodyWhoDiesBetweenCommitAndPublish:
    def test_is_heard_all_the_same(self, redis, daphnes, people, groups):
        alice, bob = people[:2]
        with daphnes[0].enter(bob.token) as client:
            arguments = [str(each) for each in (alice.workspace.pk, alice.user.pk, groups[0])]
            environment = {"DJANGO_SETTINGS_MODULE": "backend.settings", "DATABASE_URL": served.database_url()}
            died = subprocess.run(
                [sys.executable, "-c", KILLED, *arguments],
                env=os.environ | environment | {"REDIS_URL": redis.url},
                cwd=ROOT,
                timeout=PATIENCE,
                check=False,
            )
            assert died.returncode == -9
            told = frame(client)
            assert (told["type"], told["message"]["content"]) == ("message.created", "the last words")
