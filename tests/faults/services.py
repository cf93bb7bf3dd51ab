"""Processes that a test starts, freezes and kills for real."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from tests.mail_server import free_port

NOBODY = pwd.getpwnam("nobody").pw_gid
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))


class Process:
    """A program with whatever it forks, in a session of its own; its log goes on when it is started again."""

    def __init__(self, name: str, command: list[str], log: Path, **options) -> None:
        self.name, self.command, self.log, self.options = name, command, log, options
        self.process: subprocess.Popen | None = None

    def start(self) -> "Process":
        assert not self.is_running
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.options,
            )
        return self

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """`kill -9` of all of it; returns when it is gone."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    @contextlib.contextmanager
    def frozen(self):
        """It keeps its connections and answers nothing."""
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)


class Cluster:
    """A PostgreSQL of the test's own, which it may crash."""

    def __init__(self) -> None:
        self.bin, self.port = BINARIES[-1].parent, free_port()
        self.folder = Path(mkdtemp(prefix="crisol-postgresql-"))  # pytest's own folders are closed to other users
        self.data, self.as_other = self.folder / "data", {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self.as_other = {"user": "nobody", "group": NOBODY, "extra_groups": []}
            shutil.chown(self.folder, user="nobody")
        self._run("initdb", "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        # What survives the crash of PostgreSQL alone needs no fsync: the kernel has it.
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run("pg_ctl", "start", "--wait", "--log", str(self.folder / "log"), "--options", options)

    def crash(self) -> None:
        """Every process of it ends at once, transactions and all; then it starts and recovers."""
        self._run("pg_ctl", "restart", "--mode=immediate", "--wait", "--log", str(self.folder / "log"))

    def stop(self) -> None:
        with contextlib.suppress(subprocess.SubprocessError):  # it may not run
            self._run("pg_ctl", "stop", "--mode=immediate")
        shutil.rmtree(self.folder)

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.bin / program), "--pgdata", str(self.data), *arguments]
        # The server inherits the output: a pipe would never be at its end.
        with (self.folder / "pg_ctl.log").open("ab") as log:
            subprocess.run(command, stdout=log, stderr=log, check=True, timeout=120, cwd="/", **self.as_other)


def unless(there: object, missing: str) -> None:
    """Skip a test where something is missing; in CI it has to be there."""
    if there:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{missing}, and CI has to have it")
    pytest.skip(missing)
