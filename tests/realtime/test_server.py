"""Daphne with the bodies of requests on disk."""

import hashlib
import os
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.mail_server import free_port
from tests.realtime import digest
from tests.source import ROOT

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    port = free_port()
    command = [sys.executable, "-m", "realtime.server", "-b", "127.0.0.1", "-p", str(port), "-v", "0"]
    log = tmp_path_factory.mktemp("served") / "log"
    with log.open("wb") as output:
        application = [*command, "tests.realtime.digest:application"]
        process = subprocess.Popen(application, cwd=ROOT, env=dict(os.environ), stdout=output, stderr=output)
    try:
        sent(port, b"")  # whichever test comes first, it answers by then
        yield process, port
        time.sleep(2.5)  # once a second Daphne reports what its applications raised
    finally:
        process.terminate()
        process.wait()
    assert "Exception" not in log.read_text(encoding="utf-8")


def sent(port: int, body: bytes) -> tuple[str, int]:
    deadline = time.monotonic() + 300
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=300)
        try:
            connection.request("PUT", "/", body=body)
            digest, pieces = connection.getresponse().read().decode().split()
            return digest, int(pieces)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)
        finally:
            connection.close()


def highest_memory(process) -> int:
    """The most bytes that the process ever held."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


class TestABody:
    @pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 3 * MEGABYTE + 7])
    def test_arrives_whole_and_in_order(self, served, size):
        body = os.urandom(size)
        assert sent(served[1], body)[0] == hashlib.sha256(body).hexdigest()

    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of a process from Linux")
    def test_of_any_size_takes_no_more_memory_than_a_piece(self, served):
        process, port = served
        sent(port, os.urandom(MEGABYTE))
        before = highest_memory(process)
        body = os.urandom(64 * MEGABYTE)
        digest, pieces = sent(port, body)
        assert (digest, pieces >= 1024) == (hashlib.sha256(body).hexdigest(), True)
        assert highest_memory(process) - before < 16 * MEGABYTE


class TestAnAnswer:
    def test_is_whole(self, served):
        sent(served[1], b"")
        with urlopen(f"http://127.0.0.1:{served[1]}/") as answer:
            assert answer.read() == digest.PIECE * digest.PIECES

    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of a process from Linux")
    def test_waits_for_a_client_that_does_not_read(self, served):
        process, port = served
        sent(port, b"")
        before = highest_memory(process)
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            sent(port, b"another request meanwhile")
            time.sleep(2)  # time enough to take in all 64 MB, if it did not wait
            assert highest_memory(process) - before < 16 * MEGABYTE
            client.settimeout(60)
            length = 0
            while received := client.recv(MEGABYTE):
                length += len(received)
        assert length > len(digest.PIECE) * digest.PIECES

    def test_to_a_client_that_leaves_holds_nobody_up(self, served):
        with socket.create_connection(("127.0.0.1", served[1])) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            client.recv(100)
        with socket.create_connection(("127.0.0.1", served[1])) as client:
            client.sendall(b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\ngone")
        assert sent(served[1], b"next")[0] == hashlib.sha256(b"next").hexdigest()
