"""`manage.py serve`, started for real: each server has a folder and a port of its own."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
import redis
from celery import Celery

from backend.env import BASE_DIR, DEVELOPMENT_SECRET_KEY, Environment

pytestmark = pytest.mark.processes

CHILDREN = {"redis": "redis-server", "worker": "worker", "beat": "beat", "web": "daphne"}
PATIENCE = 40.0  # seconds; a busy machine is slow to start anything


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
        """HTTP, redis and worker answer, and beat is there."""
        assert self.process.poll() is None, self.output.read_text()
        return set(self.children()) == set(CHILDREN) and self.http() and self.ping_redis() and self.ping_worker()

    def http(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def ping_redis(self) -> bool:
        with contextlib.suppress(redis.RedisError), self.redis() as client:
            return bool(client.ping())
        return False

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
        self.process.wait(30)
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    servers = []

    def start_one(var: Path | None = None, **environment: str) -> Server:
        servers.append(Server(var or tmp_path_factory.mktemp("var"), **environment))
        return servers[-1].wait()

    yield start_one
    for server in servers:
        server.process.kill()  # its children die with it
        server.process.wait()


@pytest.fixture(scope="module")
def server(start):
    return start(DEMO="1")


class TestStart:
    def test_the_table_names_addresses_and_the_logins_that_work(self, server):
        table = server.output.read_text()

        for path in ("/", "/docs/onboarding/", "/admin/"):
            assert f" http://127.0.0.1:{server.port}{path}\n" in table
        assert "admin / admin@urbany.com / admin123" in table
        assert "test / test@example.com / testpass123" in table

    def test_a_second_server_over_the_same_state_is_refused_in_one_line(self, server):
        said = refusal(server.var, free_port())

        assert "\n" not in said
        assert f"already runs over {server.var}" in said
        assert f"process {server.process.pid}" in said

    def test_a_port_in_use_is_named_in_one_line(self, server, tmp_path):
        said = refusal(tmp_path, server.port)

        assert "\n" not in said
        assert f"Port {server.port} is in use" in said
        assert "PORT=" in said

    def test_a_redis_that_does_not_start_is_one_line_with_its_log(self, tmp_path):
        (tmp_path / "redis").mkdir()
        (tmp_path / "redis" / "appendonly.aof").write_text("this is no redis file\n" * 10)

        said = refusal(tmp_path, free_port())

        assert said == f"CommandError: redis does not start: see {tmp_path / 'log' / 'redis.log'}"

    def test_a_named_redis_that_does_not_answer_is_one_line(self, tmp_path):
        said = refusal(tmp_path, free_port(), REDIS_URL=f"redis://:hidden@127.0.0.1:{free_port()}")

        assert "\n" not in said
        assert "REDIS_URL" in said
        assert "hidden" not in said

    def test_production_refuses_the_default_secret_key_and_names_the_variable(self, tmp_path):
        said = refusal(tmp_path, free_port(), ENVIRONMENT="production", SECRET_KEY=DEVELOPMENT_SECRET_KEY)

        assert "Set SECRET_KEY" in said


class TestHealing:
    @pytest.mark.parametrize("name", CHILDREN)
    def test_a_killed_child_is_started_again_and_everything_answers(self, server, name):
        child = server.children()[name]

        child.kill()
        until(lambda: not child.is_running())

        until(server.is_complete)
        assert server.children()[name].pid != child.pid

    def test_a_beat_whose_schedule_is_garbage_starts_anew(self, server):
        for part in server.var.glob("beat-schedule*"):
            part.write_bytes(b"\xffgarbage")
        beat = server.children()["beat"]

        beat.kill()
        until(lambda: not beat.is_running())
        until(server.is_complete)

        healed = server.children()["beat"]
        time.sleep(4)
        assert healed.is_running()


class TestStop:
    def test_an_interrupt_stops_everything_and_the_next_start_finds_the_state(self, start):
        server = start()
        add_session(server.var, "kept")
        with server.redis() as client:
            client.set("kept", "yes")
        children = server.tree()

        took = server.interrupt(signal.SIGINT)

        assert took < 10
        assert server.process.returncode == 0
        assert not any(child.is_running() for child in children)
        assert not server.broker.broker_socket.exists()

        again = start(server.var)
        assert has_session(again.var, "kept")
        with again.redis() as client:
            assert client.get("kept") == b"yes"
        assert again.interrupt(signal.SIGTERM) < 10
        assert again.process.returncode == 0

    def test_a_killed_supervisor_leaves_no_orphan(self, start):
        server = start()
        children = server.tree()
        assert len(children) == len(CHILDREN)

        server.process.kill()
        server.process.wait()

        _, alive = psutil.wait_procs(children, timeout=5)
        assert alive == []


def add_session(var: Path, key: str) -> None:
    with contextlib.closing(sqlite3.connect(var / "crisol.sqlite3", timeout=20)) as database, database:
        database.execute("INSERT INTO django_session VALUES (?, 'data', '2100-01-01')", [key])


def has_session(var: Path, key: str) -> bool:
    with contextlib.closing(sqlite3.connect(var / "crisol.sqlite3", timeout=20)) as database:
        return bool(database.execute("SELECT 1 FROM django_session WHERE session_key = ?", [key]).fetchone())
