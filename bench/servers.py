"""The processes that are measured, and what the system says about them."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import psutil
import psycopg
from psycopg import sql

PATIENCE = 30.0
WORKERS, THREADS = 2, 8


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    port: int
    process: psutil.Process

    def tree(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.tree())

    def memory(self) -> int:
        """Resident bytes of all its processes."""
        return sum(each.memory_info().rss for each in self.tree())


def cpu_seconds(processes: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (each.cpu_times() for each in processes))


@contextmanager
def granian(name: str, application: str, logs: Path) -> Iterator[Server]:
    """The application on Granian as in production: WSGI, two processes with eight threads each."""
    settings = ["--interface", "wsgi", "--workers", str(WORKERS), "--blocking-threads", str(THREADS)]
    port = free_port()
    command = ["granian", *settings, "--log-level", "warning", "--port", str(port), application]
    with running(name, command, port, logs) as server:
        yield server


@contextmanager
def daphne(name: str, logs: Path, application: str = "realtime.asgi:application") -> Iterator[Server]:
    """The project, or another application, on Daphne, as `make run` starts it."""
    port = free_port()
    command = ["realtime.server", "-b", "127.0.0.1", "-p", str(port), "-v", "0", application]
    with running(name, command, port, logs) as server:
        yield server


@contextmanager
def running(name: str, command: list[str], port: int, logs: Path) -> Iterator[Server]:
    log = logs / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, "-m", *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(name, port, psutil.Process(process.pid))
    try:
        wait_for(server, process, log)
        yield server
    finally:
        stop(process, server)


def wait_for(server: Server, process: subprocess.Popen, log: Path) -> None:
    until = monotonic() + PATIENCE
    while not answers(server.port):
        if process.poll() is not None or monotonic() > until:
            raise RuntimeError(f"{server.name} does not answer: {log.read_text()[-2000:]}")
        sleep(0.1)


def answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/favicon.ico")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def stop(process: subprocess.Popen, server: Server) -> None:
    with suppress(psutil.NoSuchProcess):
        children = server.process.children(recursive=True)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(slots=True)
class Peak:
    before: int
    highest: int = field(default=0)


@contextmanager
def watching(memory: Callable[[], int], every: float = 0.02) -> Iterator[Peak]:
    """The highest memory while it lasts, looked at fifty times a second."""
    peak = Peak(before=memory())
    over = Event()

    def look() -> None:
        while not over.wait(every):
            peak.highest = max(peak.highest, memory())

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()
        peak.highest = max(peak.highest, memory())


class Database:
    """The CPU of PostgreSQL's processes that work for a database, where they run on this machine."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)

    def cpu_seconds(self) -> float | None:
        """None where the processes can't be seen from here."""
        rows = self.connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        try:
            processes = [psutil.Process(pid) for (pid,) in rows]
            if not all("postgres" in each.name() for each in processes):
                return None
            return cpu_seconds(processes)
        except psutil.Error:
            return None

    def rows(self, table: str, workspace_id: int) -> int:
        statement = sql.SQL("SELECT count(*) FROM {} WHERE workspace_id = %s").format(sql.Identifier(table))
        return self.connection.execute(statement, [workspace_id]).fetchone()[0]  # type: ignore[index]

    def version(self) -> str:
        return str(self.connection.info.parameter_status("server_version"))

    def close(self) -> None:
        self.connection.close()
