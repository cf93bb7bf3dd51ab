"""Sockets that come, go and catch up while things happen, in thousands of orders: each ends up with what there is."""

import asyncio
import itertools
import json
import random
from types import SimpleNamespace

import pytest

from backend.core.actor import Actor
from realtime import audience, auth, places, streams
from realtime import conversations as answering
from tests.realtime.world import PEOPLE, WORKSPACE, Client, History, World


async def story(seed: int) -> None:
    luck = random.Random(seed)
    world = World(luck)
    clients = [Client(world, user_id) for user_id in (*PEOPLE, PEOPLE[0])]
    connected = [[luck.choice((3, 30, 100, 300)) for _ in range(luck.randint(0, 3))] for _ in clients]
    coming = [asyncio.create_task(each.run(times)) for each, times in zip(clients, connected, strict=True)]
    for _ in range(luck.randint(5, 60)):
        await world.pause()
        happen(world, luck.choice(list(world.histories.values())))
    await asyncio.gather(*coming, *world.late)
    staying = [asyncio.create_task(each.connect()) for each in clients]
    for _ in range(luck.randint(0, 20)):
        await world.pause()
        happen(world, luck.choice(list(world.histories.values())))
    await settled(world, clients, staying)
    for each in clients:
        each.incoming.put_nowait({"type": "websocket.disconnect"})
    await asyncio.gather(*staying)
    world.audiences._looking.cancel()
    assert world.audiences._audiences == {}


def happen(world: World, history: History) -> None:
    kind = world.luck.choice(("send", "send", "send", "change", "member"))
    newcomers: tuple[int, ...] = ()
    if kind == "member":
        user_id = world.luck.choice(PEOPLE[1:])
        if user_id in history.members:
            history.remove(user_id)
        else:
            history.admit(user_id)
            newcomers = (user_id,)
    elif kind == "change" and history.messages:
        history.change(world.luck.choice(list(history.messages)))
    else:
        history.send()
    world.hint(history.key, newcomers)


async def settled(world: World, clients, staying) -> None:
    for _ in itertools.repeat(None, 200):
        await asyncio.gather(*world.late)
        for each in tuple(world.audiences._audiences.values()):
            await each.look()
        for _ in range(200):
            await asyncio.sleep(0)
        if all(has_all(world, each) for each in clients):
            return
        await asyncio.sleep(0.001)
    behind = [(each.user_id, each.syncing, each.upto, task) for each, task in zip(clients, staying, strict=True)]
    raise AssertionError([(each.key, each.last, each.members) for each in world.histories.values()], behind)


def has_all(world: World, client: Client) -> bool:
    return not client.syncing.total() and all(
        {seq: str(row["changed_seq"]) for seq, row in history.messages.items()} == client.told[history.key]
        for history in world.histories.values()
        if client.user_id in history.members
    )


@pytest.fixture
def in_memory(monkeypatch):
    """Have the rows asked for in the world that runs."""
    running: list[World] = []
    for module, name in ((streams, "for_all"), (audience, "for_all"), (places, "in_thread"), (answering, "in_thread")):
        monkeypatch.setattr(module, name, lambda *asked: running[-1].ask(*asked))
    monkeypatch.setattr(places, "HOLD", 0.0005)
    monkeypatch.setattr(auth, "positions", lambda actor: running[-1].positions(actor))

    async def enter(token):
        claims = SimpleNamespace(workspace_id=WORKSPACE, user_id=int(token))
        return auth.Entered(claims, Actor(WORKSPACE, int(token), "someone", unrestricted=True), {})

    monkeypatch.setattr(auth, "enter", enter)
    made = World.__init__
    monkeypatch.setattr(World, "__init__", lambda world, luck: (made(world, luck), running.append(world))[0])


@pytest.mark.parametrize("seeds", [range(first, first + 50) for first in range(0, 400, 50)], ids=str)
def test_whatever_the_order_each_client_has_everything(in_memory, seeds):
    for seed in seeds:
        asyncio.run(story(seed))


def test_what_happens_before_the_client_has_said_what_it_missed_comes_after_that(in_memory, monkeypatch):
    monkeypatch.setattr(places, "HOLD", 3600.0)
    monkeypatch.setattr(places, "HOLD_AT_MOST", 3600.0)

    async def run() -> list[int]:
        world, seen = World(random.Random(1)), []
        client = Client(world, PEOPLE[0])
        monkeypatch.setattr(Client, "begin", lambda client, key: None)
        monkeypatch.setattr(Client, "happened", lambda client, frame: seen.append(frame["seq"]))
        history = world.histories[1]
        running = asyncio.create_task(client.connect())
        while not world.heard_by:
            await asyncio.sleep(0)
        for _ in range(3):
            history.send()
            await world.deliver({"type": "happened", "conversation": 1, "seq": history.last, "newcomers": ()})
            await asyncio.sleep(0.01)
        assert seen == []
        client.upto[1] = 0
        client.syncing[1] += 1
        question = {"type": "sync", "conversation": 1, "after": 0}
        client.incoming.put_nowait({"type": "websocket.receive", "text": json.dumps(question)})
        while client.syncing[1]:
            await asyncio.sleep(0)
        history.send()
        await world.deliver({"type": "happened", "conversation": 1, "seq": history.last, "newcomers": ()})
        while history.last not in seen:
            await asyncio.sleep(0)
        client.incoming.put_nowait({"type": "websocket.disconnect"})
        await running
        world.audiences._looking.cancel()
        return seen

    assert asyncio.run(asyncio.wait_for(run(), 120)) == [2, 3, 4, 5, 6]
