"""Clients that mean harm to conversations: whatever they send is answered, nothing is logged, nothing grows."""

import contextlib
import socket
import threading
from pathlib import Path

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from backend.modules.messaging import actions
from backend.modules.messaging.actions import messages as writing
from backend.modules.messaging.models import Message
from tests.realtime import served
from tests.realtime.served import PATIENCE, ask, frame
from tests.realtime.talk import say, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

MEGABYTE = 1024 * 1024
WRITTEN, LONG = 300, "é" * 10_000  # by each of two writers, 20 kB on the wire: more than the kernel takes in
SHAPES = {
    "message.send": ("conversation", "content", "client_id", "reply_to", "message_type", "attachment"),
    "typing": ("conversation", "typing"),
    "read": ("conversation", "seq"),
    "sync": ("conversation", "after"),
    "ping": (),
    "message.send ": ("conversation",),
}
NUMBERS = st.sampled_from([0, 1, -1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**30, 0.5, 1e300])
TEXTS = ["\0", "a\0b", " ", "x" * 70, "x" * 205, "\u202e", "\U0001f600", "1", "null", "../..", "'; --"]
ODD = st.sampled_from(TEXTS)
LEAVES = st.none() | st.booleans() | NUMBERS | ODD | st.text(max_size=8)
VALUES = (
    LEAVES
    | st.just("x" * 10_001)
    | st.lists(LEAVES, max_size=2)
    | st.dictionaries(st.text(max_size=3), LEAVES, max_size=2)
)
CODES = {"malformed", "not_found", "empty_message", "message_file_missing", "unknown_reply", "file_not_uploaded"}


@st.composite
def frames(draw) -> dict:
    type_ = draw(st.sampled_from(sorted(SHAPES)))
    fields = {name: draw(VALUES) for name in SHAPES[type_] if draw(st.integers(0, 3))}
    return {"type": type_, "right_conversation": draw(st.booleans()), **fields}


@pytest.fixture
def group(told, alice, bob) -> int:
    return actions.create(alice.actor, kind="group", title="Casa", participant_ids=[bob.user.pk]).conversation_id


class TestAFrame:
    def test_with_anything_in_its_fields_is_answered(self, server, alice, group):
        sockets = []

        def client():
            if not sockets or sockets[0][1] >= 50:  # the next one may send sixty at once again
                sockets[:] = [[server.enter(alice.token), 0]]
            sockets[0][1] += 1
            return sockets[0][0]

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        @given(sent=frames())
        def check(sent):
            if sent.pop("right_conversation"):
                sent["conversation"] = group
            mine = client()
            say(mine, **sent, id="mine")
            answer = frame(mine)
            while answer.get("id") != "mine":
                answer = frame(mine)
            assert answer["type"] in {"ack", "synced", "pong", "error"}, (sent, answer)
            if answer["type"] == "error":
                assert answer["code"] in CODES, (sent, answer)

        check()

    def test_about_a_conversation_of_others_learns_and_changes_nothing(self, server, alice, stranger, carla, group):
        reply_to = writing.send(alice.actor, group, content="ours").message_id
        for outsider in (stranger, carla):
            with server.enter(outsider.token) as client:
                for sent in (
                    {"type": "message.send", "content": "x"},
                    {"type": "message.send", "content": "x", "reply_to": reply_to},
                    {"type": "typing"},
                    {"type": "read", "seq": 2},
                    {"type": "sync", "after": 0},
                ):
                    there = ask(client, **sent, conversation=group)
                    nowhere = ask(client, **sent, conversation=2**40)
                    assert there["code"] == nowhere["code"] == "not_found"
                    assert there["message"].replace(str(group), "") == nowhere["message"].replace(str(2**40), "")
        assert Message.objects.of(alice.actor).count() == 1

    def test_that_replies_to_a_message_elsewhere_is_refused(self, server, alice, carla, group):
        other = actions.create(alice.actor, kind="direct", participant_ids=[carla.user.pk]).conversation_id
        elsewhere = writing.send(alice.actor, other, content="secret").message_id
        with server.enter(alice.token) as client:
            say(client, type="message.send", conversation=group, content="x", reply_to=elsewhere)
            assert until(client, "error")["code"] == "unknown_reply"


class TestAFlood:
    def test_of_messages_stores_no_more_than_was_acknowledged(self, server, alice, bob, group):
        client = server.enter(alice.token, max_queue=None)
        flooding = threading.Thread(target=flood, args=(client, group))
        flooding.start()
        acknowledged = sum(each["type"] == "ack" for each in served.frames(client))
        flooding.join(PATIENCE)
        assert client.close_code in {4429, 1006}  # who sends on may not get to read why
        assert acknowledged <= Message.objects.of(alice.actor).count() <= acknowledged + 1

    def test_of_syncs_leaves_the_others_what_they_wait_for(self, server, alice, bob, group):
        for number in range(150):
            writing.send(alice.actor, group, content=f"{number}")
        flooders = [server.enter(alice.token, max_queue=4) for _ in range(5)]
        with server.enter(bob.token) as reader:
            for each in flooders:
                for _ in range(60):
                    say(each, type="sync", conversation=group, after=0)
            writing.send(alice.actor, group, content="among the flood")
            assert until(reader, "message.created")["message"]["content"] == "among the flood"
        for each in flooders:
            each.socket.close()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of a process from Linux")
class TestAReader:
    def test_that_stops_is_closed_out_in_flat_memory_while_others_read(self, server, alice, bob, group):
        heights = []
        for _ in range(4):
            idle = server.enter(bob.token, max_queue=1, sock=narrow(server.port))
            self.talk_on(server, alice, bob, group)
            assert len(list(served.frames(idle))) < 2 * WRITTEN
            assert idle.close_code in {4408, 1006}
            heights.append(own_memory(server.process.pid))
        assert heights[-1] - heights[0] < 60 * MEGABYTE

    def talk_on(self, server, alice, bob, group):
        with server.enter(bob.token, max_queue=None) as reader:
            writers = [threading.Thread(target=write, args=(alice.actor, group)) for _ in range(2)]
            for each in writers:
                each.start()
            told = [until(reader, "message.created")["seq"] for _ in range(2 * WRITTEN)]
            for each in writers:
                each.join(PATIENCE)
            assert told == sorted(set(told))
            assert ask(reader, type="ping") == {"type": "pong"}


def narrow(port: int) -> socket.socket:
    """A connection of which the kernel takes in little that is not read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    return connection


def own_memory(process: int) -> int:
    """Its bytes, without those of the database's file."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon"))


def flood(client, group: int) -> None:
    with contextlib.suppress(ConnectionClosed):
        for number in range(20_000):
            say(client, type="message.send", conversation=group, content="x", client_id=f"{number}")


def write(actor, group: int) -> None:
    try:
        for _ in range(WRITTEN):
            writing.send(actor, group, content=LONG)
    finally:
        connections.close_all()
