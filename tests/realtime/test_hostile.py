"""Clients that send nonsense, send too much or do not read: a frame or a close says so, and nothing is logged."""

import contextlib
import json
import socket
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.realtime.served import PATIENCE, ask, close_code, frame, frames

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

MEGABYTE = 1024 * 1024
HANDSHAKE = (
    "GET /ws/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
)
# What is sent, the code of the answer and its details.
NONSENSE = [
    (b"\x00\x01", "unsupported_media_type", None),
    ("{", "broken_json", None),
    ("", "broken_json", None),
    ("[" * 60_000, "broken_json", None),
    ('{"a":' * 10_000 + "1" + "}" * 10_000, "broken_json", None),
    ('{"type": "ping", "id": "\\ud800"}', "broken_json", None),
    ("[]", "malformed", {"body": ["An object is expected."]}),
    ("7", "malformed", {"body": ["An object is expected."]}),
    ("{}", "malformed", {"type": ["This field is required."]}),
    ('{"type": null}', "malformed", {"type": ["This field may not be null."]}),
    ('{"type": ["ping"]}', "malformed", {"type": ["Not a valid string."]}),
    ('{"type": "x\\u0000"}', "malformed", {"type": ['"x\0" is not a valid choice.']}),
    ('{"type": "' + "x" * 65 + '"}', "malformed", {"type": ["Ensure this field has no more than 64 characters."]}),
    ('{"type": "ping", "id": {}}', "malformed", {"id": ["Invalid value."]}),
    ('{"type": "ping", "id": true}', "malformed", {"id": ["Invalid value."]}),
    ('{"type": "auth", "token": "x"}', "malformed", {"type": ['"auth" is not a valid choice.']}),
]


@pytest.fixture
def client(server, alice):
    with server.enter(alice.token) as client:
        yield client


class TestAFrame:
    def test_that_makes_no_sense_is_answered_with_an_error(self, client):
        for sent, code, details in NONSENSE:
            client.send(sent)
            answer = frame(client)
            found = (answer["type"], answer["code"], answer.get("details"))
            assert found == ("error", code, details), sent[:50]
            assert answer["message"]
            assert ask(client, type="ping") == {"type": "pong"}

    def test_of_an_unknown_type_is_answered_with_its_id(self, client):
        answer = ask(client, type="dance", id="a-1")
        assert (answer["type"], answer["id"]) == ("error", "a-1")

    def test_over_64_kib_ends_the_socket(self, server, alice):
        whole, pieces = server.enter(alice.token), server.enter(alice.token)
        whole.send("x" * 65_537)
        pieces.send(["x" * 40_000, "x" * 40_000])
        assert [close_code(whole), close_code(pieces)] == [1009, 1009]

    def test_that_is_no_utf_8_ends_the_socket(self, client):
        client.send(b"\xff\xfe", text=True)
        assert close_code(client) == 1007


class TestAClient:
    def test_that_floods_is_told_and_then_closed_out(self, server, alice):
        client = server.enter(alice.token, max_queue=None)
        with contextlib.suppress(ConnectionClosed):
            for number in range(20_000):
                client.send(json.dumps({"type": "ping", "id": number}))
        *_, last = heard = list(frames(client))
        assert {"type": "error", "code": "too_many_attempts"}.items() <= last.items()
        assert {"type": "pong", "id": 0} in heard
        assert client.close_code == 4429

    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of a process from Linux")
    def test_that_does_not_read_is_closed_out_in_bounded_memory_and_the_others_live_on(self, server, told, alice):
        idle = server.enter(alice.token, max_queue=1)
        reader = server.enter(alice.token)
        before = server.memory()
        for _ in range(50):
            for number in range(40):
                told(alice.workspace.pk, alice.user.pk, {"type": "much", "number": number, "text": "x" * 32_000})
            assert [frame(reader)["number"] for _ in range(40)] == list(range(40))
        assert len(list(frames(idle))) < 2000
        assert server.memory() - before < 40 * MEGABYTE
        assert ask(reader, type="ping") == {"type": "pong"}
        reader.close()

    def test_that_vanishes_leaves_nothing_behind(self, server, alice):
        for _ in range(5):
            server.enter(alice.token).socket.shutdown(socket.SHUT_RDWR)
        with server.enter(alice.token) as next_one:
            assert ask(next_one, type="ping") == {"type": "pong"}


class TestAHandshake:
    @pytest.mark.parametrize(
        ("more", "replaced", "status"),
        [
            ("Sec-WebSocket-Protocol: crisol.v1, bearer.é\r\n", ("", ""), b"400"),
            ("Sec-WebSocket-Protocol: crisol.v1, crisol.v1\r\n", ("", ""), b"400"),
            ("Origin: é\r\n", ("", ""), b"400"),
            ("Origin: null\r\n", ("", ""), b"403"),
            ("", ("localhost", "elsewhere.example"), b"403"),
            ("", ("localhost", ""), b"403"),
            ("", ("/ws/", "/ws/%ff"), b"403"),
            ("Sec-WebSocket-Protocol: %ff%fe\r\n", ("", ""), b"101"),  # and then it says nothing more
        ],
    )
    def test_that_makes_no_sense_is_refused(self, server, more, replaced, status):
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as raw:
            raw.sendall(HANDSHAKE.format(more=more).replace(*replaced).encode())
            assert raw.recv(1000).split(b" ")[1] == status
