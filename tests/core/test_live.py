"""Frames on their way to redis."""

import threading

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from backend.core import live
from tests import redis_server

FRAME = {"type": "notification", "text": "señal"}


@pytest.fixture
def through(settings, monkeypatch):
    """Have frames published through the redis of this address."""

    def through(address: str) -> None:
        layer = settings.CHANNEL_LAYERS["default"]
        settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": {"hosts": [address]}}}
        monkeypatch.setattr(live, "_silent_until", 0.0)
        monkeypatch.setattr(live, "_warned_until", 0.0)

    return through


def test_a_channel_layer_receives_what_is_told(own_redis, through):
    through(redis_server.address(own_redis))

    async def heard() -> dict:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(live.group_of(7), channel)
        while not own_redis.pubsub_numsub(live.place_of(live.group_of(7))[1])[0][1]:
            pass  # the layer does not wait until its subscription is live
        live.tell(6, 8, FRAME | {"text": "another workspace's"})
        live.tell(7, 8, FRAME)
        message = await layer.receive(channel)
        await layer.flush()
        return message

    assert async_to_sync(heard)() == {
        "type": "frame",
        "to": [8],
        "text": '{"type": "notification", "text": "se\\u00f1al"}',
    }


def test_telling_from_many_threads_leaves_few_connections(own_redis, through):
    through(redis_server.address(own_redis))
    before = len(own_redis.client_list())
    most = 0
    for _ in range(20):
        threads = [threading.Thread(target=live.tell, args=(7, 8, FRAME)) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        most = max(most, len(own_redis.client_list()))
    assert most - before <= 10


def test_a_redis_that_was_started_anew_is_told_at_once(through, tmp_path_factory):
    with redis_server.running() as first:
        place = redis_server.address(first)
        through(place)
        live.tell(7, 8, FRAME)
        first.client_kill_filter(_type="normal", skipme=True)
        heard = first.pubsub(ignore_subscribe_messages=True)
        heard.subscribe(live.place_of(live.group_of(7))[1])
        assert heard.get_message(timeout=60) is None
        live.tell(7, 8, FRAME)
        assert heard.get_message(timeout=60)["type"] == "message"


def test_a_redis_that_is_away_is_asked_once_in_a_while_and_nobody_notices(closed, through, caplog):
    through(f"redis://127.0.0.1:{closed}")
    for _ in range(50):
        live.tell(7, 8, FRAME)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_redis_that_does_not_answer_is_waited_for_once(deaf, through, caplog):
    through(f"redis://127.0.0.1:{deaf}")
    for _ in range(200):
        live.tell(7, 8, FRAME)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_what_is_no_json_is_logged_and_raises_nothing(own_redis, through, caplog):
    through(redis_server.address(own_redis))
    for value in (object(), float("nan")):
        live.tell(7, 8, {"type": "notification", "value": value})
    assert [record.message for record in caplog.records] == ["The frame notification is no JSON"] * 2
