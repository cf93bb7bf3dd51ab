"""A closed loop of keep-alive connections in a process of its own: each sends the next request once it is answered.

`python -m bench.load` takes a `Load` as JSON on its input and answers a `Result` as JSON. It asks no more of the
machine than about 40 µs of CPU per request, the same for everybody who is measured.
"""

import json
import selectors
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from subprocess import run
from time import perf_counter

NUMBER = "########"  # in a request: replaced by a number of eight digits that no other request of the run has
HEAD_ENDS = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    port: int
    request: str
    status: int
    connections: int
    seconds: float
    first_number: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """`latencies` are in milliseconds, sorted."""

    requests: int
    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


def measure(load: Load) -> Result:
    """Send the load from a process of its own. Raises `RuntimeError` for an answer of another status."""
    done = run([sys.executable, "-m", "bench.load"], input=json.dumps(asdict(load)), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return Result(**json.loads(done.stdout))


@dataclass(slots=True)
class Connection:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    missing: int | None = None  # bytes of the running answer, once its head is there

    def send(self, request: bytes) -> None:
        self.received.clear()
        self.missing = None
        self.sent_at = perf_counter()
        self.socket.sendall(request)

    def receive(self, status: bytes) -> bool:
        """Take what has come; whether the answer is complete."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("The server has closed the connection")
        self.received += piece
        if self.missing is None:
            end = self.received.find(HEAD_ENDS)
            if end < 0:
                return False
            if not self.received.startswith(status):
                raise ConnectionError(f"Not the expected answer: {bytes(self.received[:2000])!r}")
            self.missing = end + len(HEAD_ENDS) + content_length(bytes(self.received[:end]))
        return len(self.received) >= self.missing


def content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise ConnectionError(f"No Content-Length: {head!r}")


def loop(load: Load) -> Result:
    status = f"HTTP/1.1 {load.status}".encode()
    requests = numbered(load)
    selector = selectors.DefaultSelector()
    connections = [
        Connection(socket.create_connection(("127.0.0.1", load.port), timeout=30)) for _ in range(load.connections)
    ]
    for each in connections:
        each.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(each.socket, selectors.EVENT_READ, each)
    latencies: list[float] = []
    begin = perf_counter()
    for each in connections:
        each.send(next(requests))
    running = len(connections)
    while running:
        ready = selector.select(timeout=30)
        if not ready:
            raise TimeoutError("No answer for 30 seconds")
        for key, _ in ready:
            each = key.data
            if not each.receive(status):
                continue
            now = perf_counter()
            latencies.append((now - each.sent_at) * 1000)
            if now - begin < load.seconds:
                each.send(next(requests))
            else:
                running -= 1
    seconds = perf_counter() - begin
    for each in connections:
        each.socket.close()
    return Result(len(latencies), seconds, sorted(latencies))


def numbered(load: Load) -> Iterator[bytes]:
    raw, mark, number = load.request.encode(), NUMBER.encode(), load.first_number
    if mark not in raw:
        while True:
            yield raw
    while True:
        yield raw.replace(mark, b"%08d" % number)
        number += 1


if __name__ == "__main__":
    print(json.dumps(asdict(loop(Load(**json.load(sys.stdin))))))
