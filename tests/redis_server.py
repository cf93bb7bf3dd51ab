"""A redis of the tests' own, on a unix socket."""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import redis

from worker.management.commands.serve import redis_binary


@contextlib.contextmanager
def running() -> Iterator[redis.Redis]:
    """A client of a redis that is there until the end of the block."""
    with TemporaryDirectory(prefix="crisol-") as folder:
        socket = Path(folder) / "redis.sock"
        with serving(socket), contextlib.closing(redis.Redis.from_url(f"unix://{socket}")) as client:
            yield client


@contextlib.contextmanager
def serving(socket: Path) -> Iterator[None]:
    place = ["--port", "0", "--unixsocket", str(socket), "--dir", str(socket.parent), "--save", ""]
    process = subprocess.Popen([redis_binary(), *place], stdout=subprocess.DEVNULL)
    try:
        with contextlib.closing(redis.Redis.from_url(f"unix://{socket}")) as client:
            deadline = time.monotonic() + 120
            while not _answers(client):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


def address(client: redis.Redis) -> str:
    return f"unix://{client.connection_pool.connection_kwargs['path']}"


def _answers(client: redis.Redis) -> bool:
    with contextlib.suppress(redis.ConnectionError):
        return bool(client.ping())
    return False
