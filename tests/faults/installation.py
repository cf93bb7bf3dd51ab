"""A whole installation of the test's own, whose every process it may kill.

Where DATABASE_URL names PostgreSQL it is one as in production: PostgreSQL, Redis, Granian, a prefork worker. Else it is
the embedded default: SQLite, the bundled redis, Daphne, a worker of threads, started as `manage.py serve` does. Either
way two beats run from the beginning to the end.
"""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import redis
from celery import Celery

from backend.env import BASE_DIR, Environment
from tests.faults.probe import Caller
from tests.faults.services import Cluster, Process
from tests.faults.sink import Sink
from tests.mail_server import free_port
from tests.worker.tree import until
from worker import supervise
from worker.management.commands.serve import redis_binary

SMTP_SECONDS = 10  # that a step of the dialogue may take
PASSWORD = "correct horse battery"
DISK = "64m"
SLOTS = 4  # tasks that the worker does at once
SWEEPS = {
    "outbound_emails": "backend.modules.notifications.tasks.deliver_due",
    "exports": "backend.modules.exchange.tasks.write_due",
}
QUEUES = {"outbound_emails": "mail", "exports": "exports"}
CELERY = [sys.executable, "-m", "celery", "-A", "tests.faults.poisoned"]
PREPARE = f"""
import django
django.setup()
from django.core.management import call_command
from backend.core.actor import Actor
from backend.modules.identity import actions
call_command("migrate", verbosity=0)
workspace = actions.create_workspace(Actor.system(None), name="Faults")
actions.create_user(
    Actor.system(workspace.pk), username="ines", email="ines@example.com", password={PASSWORD!r},
    first_name="Ines", last_name="Example", role_names=("admin",),
)
print(workspace.pk)
"""


class Installation:
    def __init__(self, folder: Path, *, embedded: bool) -> None:
        self.folder, self.embedded, self.port, self.sink = folder, embedded, free_port(), Sink()
        self.var, self.redis_port = folder / "var", free_port()
        self.var.mkdir()
        self._held = contextlib.ExitStack()
        self.cluster = None if embedded else Cluster()
        self.redis = self._process("redis", self._redis_command())
        self.web = self._process("web", self._web_command())
        pool = ["--pool", "threads" if embedded else "prefork", "--concurrency", str(SLOTS)]
        self.worker = self._on_a_disk_of_its_own("worker", [*CELERY, "worker", "--loglevel", "INFO", *pool])
        beat = [*CELERY, "beat", "--loglevel", "INFO", "--pidfile", ""]
        self.beats = [
            self._process(name, [*beat, "--schedule", str(folder / f"{name}-schedule")]) for name in ("beat", "beat2")
        ]

    def start(self) -> "Installation":
        self.sink.start()
        if self.cluster:
            self.cluster.start()
        self.redis.start()
        self.worker.start()  # it waits for what it needs, and imports meanwhile
        prepared = subprocess.run(
            [sys.executable, "-c", PREPARE],
            env=self.environment(),
            cwd=BASE_DIR,
            check=True,
            timeout=170,
            stdout=subprocess.PIPE,
        )
        workspace_id = int(prepared.stdout)
        if self.embedded:
            self._hold_database()
        for process in (self.web, *self.beats):
            process.start()
        self.caller = Caller(f"http://127.0.0.1:{self.port}")
        until(self._is_ready)
        self.caller.log_in("ines@example.com", PASSWORD, workspace_id)
        return self

    def stop(self) -> None:
        for process in (*self.beats, self.worker, self.web, self.redis):
            process.signal(signal.SIGCONT)
            process.kill()
        self.sink.stop()
        self._held.close()
        if self.cluster:
            self.cluster.stop()

    def heal(self) -> None:
        """Start what does not run, as a supervisor does; whatever a test left closed or held is open again."""
        self.sink.is_held, self.sink.troubles = False, {}
        if self.sink.controller is None:
            self.sink.start()
        for process in (self.redis, self.worker, self.web, *self.beats):
            if not process.is_running:
                process.start()
        until(lambda: self._pings() and self._is_ready())

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "backend.settings",
            "ENVIRONMENT": "development" if self.embedded else "production",
            "SECRET_KEY": "of the tests of faults, and of nothing else in this world, 0123456789",
            "CRISOL_VAR": str(self.var),
            "DATABASE_URL": self.cluster.url if self.cluster else "",
            "REDIS_URL": "" if self.embedded else f"redis://127.0.0.1:{self.redis_port}/0",
            "DEMO": "0",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.sink.port),
            "SMTP_SECURITY": "none",
            "SMTP_TIMEOUT": str(SMTP_SECONDS),
            "LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
        }

    def manage(self, *command: str) -> str:
        """What a command of `manage.py` says, whatever its exit status."""
        program = [sys.executable, "manage.py", *command]
        options = {"env": self.environment(), "cwd": BASE_DIR, "timeout": 120, "check": False}
        return subprocess.run(program, capture_output=True, text=True, **options).stdout

    @property
    def worker_disk(self) -> Path | None:
        """The small disk on which the worker makes its files, seen from outside; None where there is none."""
        if self.worker.command[0] != "unshare":
            return None
        return Path(f"/proc/{self.worker.process.pid}/root{self.temporary}")

    # --- its rows ---------------------------------------------------------------------------------------------------

    def rows(self, statement: str, *parameters: Any) -> list[tuple]:
        """The rows of a statement with `%s` in it; moments are those of Python."""
        with self._database() as connection:
            cursor = self._execute(connection, statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def let_time_pass(self, table: str) -> None:
        """What waits for its next attempt is due now, as the leases of a worker are that is dead; and a sweep comes."""
        now = datetime.now(UTC)
        self.rows(f"UPDATE {table} SET next_at = %s WHERE state = 'due' AND next_at > %s", now, now)  # noqa: S608
        if not self.worker.is_running:
            self.end_leases(table)
        self.sweep(table)

    def end_leases(self, table: str) -> None:
        now = datetime.now(UTC)
        self.rows(f"UPDATE {table} SET leased_until = %s WHERE state = 'due' AND leased_until > %s", now, now)  # noqa: S608

    def sweep(self, table: str) -> None:
        """What beat does."""
        with Celery(broker=Environment(**self._names()).celery_broker, set_as_current=False) as app:
            app.send_task(SWEEPS[table], queue=QUEUES[table])

    def columns(self, table: str) -> list[str]:
        with self._database() as connection:
            return [each[0] for each in self._execute(connection, f"SELECT * FROM {table} LIMIT 0", ()).description]  # noqa: S608

    def mails(self, *recipients: str) -> dict[str, tuple]:
        """State, attempts, last error and Message-ID of the mails to each of these, by recipient."""
        found = self.rows("SELECT recipient, state, attempts, last_error, message_id FROM outbound_emails")
        return {row[0]: row[1:] for row in found if not recipients or row[0] in recipients}

    def all_sent(self, *recipients: str) -> bool:
        return [mail[0] for mail in self.mails(*recipients).values()] == ["sent"] * len(recipients)

    def _hold_database(self) -> None:
        """Keep SQLite's log of writes where it is: these tests ask so often that it would come and go all the time.

        On a busy machine SQLite 3.40 once lost its locks over that ("disk I/O error" until the worker ended).
        """
        held = self._held.enter_context(contextlib.closing(sqlite3.connect(self.var / "crisol.sqlite3")))
        held.execute("SELECT count(*) FROM sqlite_master").fetchall()

    def _database(self):
        if self.cluster:
            return self.cluster.connect()
        return _closing(sqlite3.connect(self.var / "crisol.sqlite3", timeout=20))

    def _execute(self, connection: Any, statement: str, parameters: tuple) -> Any:
        if isinstance(connection, psycopg.Connection):
            return connection.execute(statement, parameters)
        moments = [each.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(each, datetime) else each for each in parameters]
        return connection.execute(statement.replace("%s", "?"), moments)

    # --- its broker -------------------------------------------------------------------------------------------------

    def broker(self) -> redis.Redis:
        return redis.Redis.from_url(Environment(**self._names()).redis)

    def _names(self) -> dict[str, Any]:
        return {"crisol_var": self.var, "redis_url": self.environment()["REDIS_URL"]}

    def _pings(self) -> bool:
        with contextlib.suppress(redis.RedisError), self.broker() as client:
            return bool(client.ping())
        return False

    # --- its processes ----------------------------------------------------------------------------------------------

    def _process(self, name: str, command: list[str]) -> Process:
        return Process(name, command, self.folder / f"{name}.log", env=self.environment(), cwd=BASE_DIR)

    def _on_a_disk_of_its_own(self, name: str, command: list[str]) -> Process:
        """Its temporary files lie on a disk in memory that nobody else sees, and that ends with it."""
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        process = self._process(name, command)
        process.options["env"]["TMPDIR"] = str(self.temporary)
        namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
        mount = [*namespace, "sh", "-c", f'mount -t tmpfs -o size={DISK} tmpfs "$TMPDIR" && exec "$@"', "sh"]
        if (
            shutil.which("unshare")
            and subprocess.run([*mount, "true"], env=process.options["env"], check=False).returncode == 0
        ):
            process.command = [*mount, *command]
        return process

    def _redis_command(self) -> list[str]:
        data = self.folder / "redis"
        data.mkdir()
        if self.embedded:
            return supervise.redis(redis_binary(), socket=Environment(**self._names()).broker_socket, data=data).command
        place = ["--bind", "127.0.0.1", "--port", str(self.redis_port), "--dir", str(data)]
        return [redis_binary(), *place, "--appendonly", "yes", "--save", ""]

    def _web_command(self) -> list[str]:
        if self.embedded:
            return supervise.web(host="127.0.0.1", port=self.port).command
        place = ["--host", "127.0.0.1", "--port", str(self.port)]
        granian = str(Path(sys.executable).with_name("granian"))
        return [granian, "--interface", "wsgi", *place, "--blocking-threads", "8", "backend.wsgi:application"]

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            return self.caller.get("/health/ready").is_well
        return False


@contextlib.contextmanager
def _closing(connection: sqlite3.Connection):
    """Committed and closed at the end of the block, as psycopg does by itself."""
    with contextlib.closing(connection), connection:
        yield connection
