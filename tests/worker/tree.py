"""The process tree of `manage.py serve`, to be started and looked at by a test."""

import contextlib
import os
import signal
import smtplib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import redis
from celery import Celery

from backend.env import BASE_DIR, Environment
from tests.mail_server import free_port

CHILDREN = {
    "redis": "redis-server",
    "mail": "worker.mail_sink",
    "worker": "worker",
    "beat": "beat",
    "web": "realtime.server",
}
PATIENCE = 300.0  # seconds; a busy machine is slow to start anything


class Server:
    def __init__(self, var: Path, **environment: str) -> None:
        self.var, self.port = var, free_port()
        self.broker = Environment(crisol_var=var, redis_url="")
        self.output = var.parent / f"{var.name}-output"
        with self.output.open("ab") as output:
            self.process = launch(var, self.port, stdout=output, stderr=output, **environment)

    def wait(self) -> "Server":
        until(self.is_complete)
        return self

    def is_complete(self) -> bool:
        """HTTP, redis, the sink of mail and the worker answer, and beat is there."""
        assert self.process.poll() is None, self.output.read_text()
        answers = (self.http, self.ping_redis, self.ping_sink, self.ping_worker)
        return set(self.children()) == set(CHILDREN) and all(answer() for answer in answers)

    def http(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=60).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def ping_redis(self) -> bool:
        with contextlib.suppress(redis.RedisError), self.redis() as client:
            return bool(client.ping())
        return False

    def ping_sink(self) -> bool:
        with contextlib.suppress(OSError, psutil.NoSuchProcess), smtplib.SMTP("127.0.0.1", self.sink_port()) as sink:
            return sink.noop()[0] == 250
        return False

    def sink_port(self) -> int:
        command = self.children()["mail"].cmdline()
        return int(command[command.index("--port") + 1])

    def ping_worker(self) -> bool:
        # kombu keeps connections for later, which a killed redis has closed
        app = Celery(broker=self.broker.celery_broker, set_as_current=False)
        with contextlib.suppress(redis.RedisError), app:
            return bool(app.control.inspect(timeout=1, limit=1).ping())
        return False

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.broker.redis)

    def tree(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def children(self) -> dict[str, psutil.Process]:
        found = {}
        for process in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                words = {Path(word).name for word in " ".join(process.cmdline()).split()}
                found |= {name: process for name, word in CHILDREN.items() if word in words}
        return found

    def interrupt(self, number: signal.Signals) -> float:
        """Signal the foreground group as a terminal does; return the seconds that it took to end."""
        started = time.monotonic()
        os.killpg(self.process.pid, number)
        self.process.wait(120)
        return time.monotonic() - started


def launch(var: Path, port: int, *, stdout, stderr, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "backend.settings",
            "ENVIRONMENT": "development",
            "CRISOL_VAR": str(var),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "DEMO": "0",
            "SMTP_HOST": "",
        }
        | environment,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def refusal(var: Path, port: int, **environment: str) -> str:
    """What a start that must be refused says; it leaves with 1."""
    process = launch(var, port, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **environment)
    try:
        said = process.communicate(timeout=PATIENCE)[0].decode().strip()
    finally:
        process.kill()
    assert process.returncode == 1, said
    return said


def until(is_true, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
