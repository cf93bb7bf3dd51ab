"""`manage.py serve`, started for real: each server has a folder and a port of its own."""

import contextlib
import signal
import sqlite3
import time
from pathlib import Path

import psutil
import pytest

from backend.env import DEVELOPMENT_SECRET_KEY
from tests.mail_server import free_port
from tests.worker.tree import CHILDREN, refusal, until

pytestmark = pytest.mark.processes


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


class TestHeartbeat:
    def test_goes_from_beat_through_the_broker_to_the_worker(self, server):
        with server.redis() as client:
            client.delete("crisol:heartbeat")
            until(lambda: client.exists("crisol:heartbeat"))


class TestHealing:
    @pytest.mark.parametrize("name", CHILDREN)
    def test_a_killed_child_is_started_again_and_everything_answers(self, server, name):
        child, sink_port = server.children()[name], server.sink_port()

        child.kill()
        until(lambda: not child.is_running())

        until(server.is_complete)
        assert server.children()[name].pid != child.pid
        assert server.sink_port() == sink_port

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

        assert took < 20
        assert server.process.returncode == 0
        assert not any(child.is_running() for child in children)
        assert not server.broker.broker_socket.exists()

        again = start(server.var)
        assert has_session(again.var, "kept")
        with again.redis() as client:
            assert client.get("kept") == b"yes"
        assert again.interrupt(signal.SIGTERM) < 20
        assert again.process.returncode == 0

    def test_a_killed_supervisor_leaves_no_orphan(self, start):
        server = start()
        children = server.tree()
        assert len(children) == len(CHILDREN)

        server.process.kill()
        server.process.wait()

        _, alive = psutil.wait_procs(children, timeout=20)
        assert alive == []


def add_session(var: Path, key: str) -> None:
    with contextlib.closing(sqlite3.connect(var / "crisol.sqlite3", timeout=20)) as database, database:
        database.execute("INSERT INTO django_session VALUES (?, 'data', '2100-01-01')", [key])


def has_session(var: Path, key: str) -> bool:
    with contextlib.closing(sqlite3.connect(var / "crisol.sqlite3", timeout=20)) as database:
        return bool(database.execute("SELECT 1 FROM django_session WHERE session_key = ?", [key]).fetchone())
