"""What happens in a conversation, on its way to many sockets over two Daphne processes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, cast

from bench import servers
from bench.servers import Database, Server
from bench.socket_load import MARK, Load, Result

RATE = 10.0  # messages a second
WARM_UP = 3.0
PROCESSES = 2
TEXT = "¿Podemos revisar el contrato mañana a las diez? "


@dataclass(frozen=True, slots=True)
class Delivery:
    """One kind of server. Times are in milliseconds, of which those of the CPU are a message's; memory in bytes."""

    server: str
    sockets: int
    members: int
    messages: int
    missing: int
    middle: float
    slowest: float
    last: float
    cpu: float
    database_cpu: float | None
    memory_before: int
    memory_after: int
    machine_load: float

    @property
    def memory(self) -> float:
        """Of a socket."""
        return (self.memory_after - self.memory_before) / self.sockets


@contextmanager
def redis() -> Iterator[None]:
    """One of the benchmark's own, for the servers that are started within."""
    from worker.management.commands.serve import redis_binary

    with TemporaryDirectory(prefix="crisol-") as folder:
        place = Path(folder) / "redis.sock"
        command = [redis_binary(), "--port", "0", "--unixsocket", str(place), "--dir", folder, "--save", ""]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        os.environ["REDIS_URL"] = f"unix://{place}"
        try:
            yield
        finally:
            process.terminate()
            process.wait()


@dataclass(frozen=True, slots=True)
class Crowd:
    """A token for each socket, of whom the first `members` are in the conversation."""

    tokens: list[str]
    members: int
    conversation_id: int


def run(crowd: Crowd, database: Database, logs: Path, *, seconds: float) -> list[Delivery]:
    """The floor and the project, one after the other."""
    message = {"type": "message.send", "conversation": crowd.conversation_id, "content": TEXT + MARK.decode()}
    floor = Load(
        ports=[],
        tokens=["member"] * crowd.members + ["other"] * (len(crowd.tokens) - crowd.members),
        members=crowd.members,
        frame=json.dumps(message, ensure_ascii=False),
        heard=TEXT,
        ready='"ready"',
        rate=RATE,
        seconds=seconds,
        warm_up=WARM_UP,
    )
    project = replace(floor, tokens=crowd.tokens, heard='"message.created"')
    with redis():
        return [
            one("floor", "bench.socket_floor:application", floor, database, logs),
            one("project", "realtime.asgi:application", project, database, logs),
        ]


def one(name: str, application: str, load: Load, database: Database, logs: Path) -> Delivery:
    with ExitStack() as stack:
        daphnes = [
            stack.enter_context(servers.daphne(f"socket-{name}-{number}", logs, application))
            for number in range(PROCESSES)
        ]
        return measured(name, daphnes, load, database)


def measured(name: str, daphnes: list[Server], load: Load, database: Database) -> Delivery:
    load = replace(load, ports=[each.port for each in daphnes])
    before = sum(each.memory() for each in daphnes)
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.socket_load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        given, said = cast(IO[str], process.stdin), cast(IO[str], process.stdout)
        print(json.dumps(asdict(load)), file=given, flush=True)
        if said.readline().strip() != "connected":
            raise RuntimeError(f"The sockets of {name} did not connect")
        after = sum(each.memory() for each in daphnes)
        cpu, database_cpu = sum(each.cpu_seconds() for each in daphnes), database.cpu_seconds()
        print(file=given, flush=True)
        result = Result(**json.loads(said.readline()))
        cpu, later = sum(each.cpu_seconds() for each in daphnes) - cpu, database.cpu_seconds()
    sent = result.messages * (1 + load.warm_up / load.seconds)
    known = database_cpu is not None and later is not None
    return Delivery(
        server=name,
        sockets=len(load.tokens),
        members=load.members,
        messages=result.messages,
        missing=result.missing,
        middle=result.percentile(0.5),
        slowest=result.percentile(0.99),
        last=result.latencies[-1],
        cpu=cpu / sent * 1000,
        database_cpu=(later - database_cpu) / sent * 1000 if known else None,  # type: ignore[operator]
        memory_before=before,
        memory_after=after,
        machine_load=os.getloadavg()[0],
    )
