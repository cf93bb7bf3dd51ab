"""A Daphne of the tests' own, on the tests' database, and clients of its websockets."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from backend.env import env
from tests import redis_server
from tests.mail_server import free_port
from tests.realtime import documented
from tests.source import ROOT
from tests.worker.tree import until

PATIENCE = 300.0  # seconds; a busy machine is slow


class Broker:
    """A redis that can be stopped and started."""

    def __init__(self, place: Path) -> None:
        self.place, self.url = place, f"unix://{place}"
        self.start()

    def start(self) -> None:
        self._running = redis_server.serving(self.place)
        self._running.__enter__()

    def stop(self) -> None:
        self._running.__exit__(None, None, None)


class Served:
    """The server process."""

    def __init__(self, var: Path, redis_url: str, port: int | None = None) -> None:
        self.var, self.redis_url, self.port, self.log = var, redis_url, port or free_port(), var / "log"
        self._clients: list[ClientConnection] = []
        self.start()

    def start(self) -> None:
        options = ["-b", "127.0.0.1", "-p", str(self.port), "-v", "0"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "realtime.server", *options, "realtime.asgi:application"],
                cwd=ROOT,
                env=os.environ
                | {
                    "DJANGO_SETTINGS_MODULE": "backend.settings",
                    "CRISOL_VAR": str(self.var),
                    "MALLOC_ARENA_MAX": "2",  # what many threads have taken and given back does not look like growth
                    "DATABASE_URL": database_url(),
                    "REDIS_URL": self.redis_url,
                },
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """`kill -9`; returns when it is gone."""
        self.process.kill()
        self.process.wait()

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=60).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def connect(self, *subprotocols: str, path: str = "/ws/", **options: Any) -> ClientConnection:
        options = {
            "subprotocols": subprotocols or None,
            "open_timeout": PATIENCE,
            "compression": None,
            "legacy": True,
        } | options
        client = connect(f"ws://127.0.0.1:{self.port}{path}", **options)
        self._clients.append(client)
        return client

    def enter(self, token: str, **options: Any) -> ClientConnection:
        """A socket that is ready."""
        client = self.connect("crisol.v1", f"bearer.{token}", **options)
        assert frame(client)["type"] == "ready"
        return client

    def rest(self) -> None:
        """Until all of its sockets are closed, and have written down that they are."""
        while self._clients:
            self._clients.pop().close()
        until(lambda: self._open_sockets() == 0, PATIENCE)

    def _open_sockets(self) -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=60) as answer:
            lines = answer.read().decode().splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("crisol_websockets_open ")))

    def memory(self) -> int:
        return highest_memory(self.process.pid)


@contextlib.contextmanager
def serving(var: Path, redis_url: str, port: int | None = None) -> Iterator[Served]:
    """Its log must have no traceback in the end."""
    with starting(var, redis_url, port) as server:
        until(server.answers, PATIENCE)
        yield server


@contextlib.contextmanager
def starting(var: Path, redis_url: str, port: int | None = None) -> Iterator[Served]:
    """The same, without waiting until it answers."""
    server = Served(var, redis_url, port)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait()
    log = server.log.read_text(encoding="utf-8")
    assert "Traceback" not in log, log


def database_url() -> str:
    """The database that the tests of this process run on."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(env.database_url)._replace(path=f"/{name}").geturl()


def highest_memory(process: int) -> int:
    """The most bytes that the process ever held."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def frame(client: ClientConnection) -> dict[str, Any]:
    """The next one. That others come and go is passed over: it may be told at any time."""
    while (found := any_frame(client))["type"] == "presence.changed":
        continue
    return found


def any_frame(client: ClientConnection) -> dict[str, Any]:
    """The next one, which is as the document of the socket shows it."""
    return documented.check(json.loads(client.recv(timeout=PATIENCE)))


def ask(client: ClientConnection, **question: Any) -> dict[str, Any]:
    client.send(json.dumps(question))
    return frame(client)


def frames(client: ClientConnection) -> Iterator[dict[str, Any]]:
    """All that come until the connection ends."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            yield frame(client)


def close_code(client: ClientConnection) -> int | None:
    """With which code the server closes it, whatever it sends before."""
    for _ in frames(client):
        continue
    return client.close_code
