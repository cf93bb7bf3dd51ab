"""A task that hangs in a thread of the worker, for real."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from backend.env import BASE_DIR
from tests.worker.tree import PATIENCE, Server, until
from worker import limits

ORDER = """
import django
django.setup()
import sys
import backend.api
from backend.core.actor import Actor
from backend.modules.exchange import actions as exchange
from backend.modules.identity import actions as identity, authentication
from backend.modules.identity.models import User, Workspace
workspace = Workspace.objects.filter(name="Limits").first() or identity.create_workspace(
    Actor.system(None), name="Limits"
)
user = User.objects.filter(username="ines").first() or identity.create_user(
    Actor.system(workspace.pk), username="ines", email="ines@example.com", password="correct horse battery",
    first_name="Ines", last_name="Example", role_names=("admin",),
)
ines = authentication.member(workspace.pk, user.pk)
for format in sys.argv[1:]:
    exchange.order(ines, source="sales.empresas", filters={}, format=format)
"""


@pytest.mark.processes
class TestAnExportThatHangs:
    def test_ends_failed_and_visible_while_others_are_done(self, start):
        server = start(DJANGO_SETTINGS_MODULE="tests.worker.hanging")
        hung_in = server.children()["worker"].pid
        run(server, "-c", ORDER, "xlsx", "csv")
        until(lambda: exports(server, "csv") == [("done", "")])
        until(lambda: list((server.var / "mail").glob("*.eml")))  # that it is there

        until(lambda: exports(server, "xlsx")[0][0] == "failed")
        until(lambda: server.is_complete() and server.children()["worker"].pid != hung_in)

        assert exports(server, "xlsx")[0][1] in ("out_of_time", "interrupted")  # the second on a very slow machine
        assert "worker ended and starts again" in server.output.read_text()
        assert "in hang" in (server.var / "log" / "worker.log").read_text()  # where it hung
        said = run(server, "manage.py", "doctor")
        [line] = [line for line in said.splitlines() if line.startswith("exports")]
        assert line.split(maxsplit=1)[1] == "0 due, 0 stuck, 1 failed"
        assert rows(server, "SELECT kind FROM notifications WHERE kind = 'export_failed'") == [("export_failed",)]
        run(server, "-c", ORDER, "csv")
        until(lambda: exports(server, "csv") == [("done", "")] * 2)


class TestAProcess:
    def test_in_which_no_thread_gets_its_turn_ends_and_says_where(self):
        """The search holds Python's lock for longer than the world has stood."""
        ended = script("""
threading.Thread(target=limits.keep_watching, args=[900], kwargs={"silence": 3}, daemon=True).start()
re.match("(a+)+$", "a" * 100 + "b")
""")
        assert (ended.returncode, "Timeout" in ended.stderr, "in match" in ended.stderr) == (1, True, True)

    def test_whose_task_runs_for_too_long_ends_and_says_where(self):
        ended = script("""
def hang():
    limits.begin(task=types.SimpleNamespace(name="a.task"), args=[1, 2])
    threading.Event().wait()

threading.Thread(target=hang, daemon=True).start()
limits.keep_watching(0.5)
""")
        assert ended.returncode == limits.EXIT_STATUS
        assert "a.task(1, 2) runs for more than 0.5 seconds" in ended.stderr
        assert "in hang" in ended.stderr

    def test_goes_on_after_tasks_that_end_in_time(self):
        ended = script("""
def work():
    for number in range(50):
        limits.begin(task=types.SimpleNamespace(name="a.task"), args=[])
        time.sleep(0.05)
        limits.end()
    os._exit(3)

threading.Thread(target=work, daemon=True).start()
limits.keep_watching(900)
""")
        assert ended.returncode == 3


def script(text: str) -> subprocess.CompletedProcess:
    imports = "import os, re, threading, time, types\nfrom worker import limits\n"
    command = [sys.executable, "-c", imports + text]
    return subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, timeout=PATIENCE, check=False)


def run(server: Server, *command: str) -> str:
    """What a Python program of the server's surroundings says."""
    names = {"DJANGO_SETTINGS_MODULE": "tests.worker.hanging", "CRISOL_VAR": str(server.var)}
    services = {"DATABASE_URL": "", "REDIS_URL": "", "ENVIRONMENT": "development"}
    program = [sys.executable, *command]
    options = {"cwd": BASE_DIR, "env": os.environ | names | services, "timeout": PATIENCE, "check": False}
    done = subprocess.run(program, capture_output=True, text=True, **options)
    assert not done.stderr or command[0] == "manage.py", done.stderr
    return done.stdout


def exports(server: Server, format: str) -> list[tuple]:  # noqa: A002
    return rows(server, "SELECT state, last_error FROM exports WHERE format = ?", format)


def rows(server: Server, statement: str, *parameters: str) -> list[tuple]:
    database: Path = server.var / "crisol.sqlite3"
    with closing(sqlite3.connect(database, timeout=20)) as connection:
        return connection.execute(statement, parameters).fetchall()
