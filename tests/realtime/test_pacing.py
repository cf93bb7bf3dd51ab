"""A websocket whose application is busy."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.mail_server import free_port
from tests.realtime.served import PATIENCE, highest_memory
from tests.source import ROOT
from tests.worker.tree import until

MEGABYTE = 1024 * 1024
PIECE, PIECES = "x" * 60_000, 1000


def connected(port: int):
    found = []

    def tried() -> bool:
        try:
            found.append(connect(f"ws://127.0.0.1:{port}/", compression=None, open_timeout=PATIENCE, legacy=True))
        except OSError:
            return False
        return True

    until(tried, PATIENCE)
    return found[0]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of a process from Linux")
def test_what_the_application_does_not_take_waits_with_the_client(tmp_path):
    port, go_on, sent = free_port(), tmp_path / "go-on", []
    server = [sys.executable, "-m", "realtime.server", "-b", "127.0.0.1", "-p", str(port), "-v", "0"]
    environment = os.environ | {"GO_ON": str(go_on)}
    process = subprocess.Popen([*server, "tests.realtime.stubborn:application"], cwd=ROOT, env=environment)
    try:
        client = connected(port)
        before = highest_memory(process.pid)

        def send() -> None:
            for _ in range(PIECES):
                client.send(PIECE)
                sent.append(time.monotonic())
            client.send("end")

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        until(lambda: sent and time.monotonic() - sent[-1] > 2, PATIENCE)
        assert len(sent) < PIECES
        assert highest_memory(process.pid) - before < 16 * MEGABYTE

        go_on.touch()
        assert client.recv(timeout=PATIENCE) == str(PIECES * len(PIECE))
        sender.join(PATIENCE)
        client.close()
    finally:
        process.terminate()
        process.wait()
