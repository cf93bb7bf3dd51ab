"""A thousand websockets in a process of its own, some of which hear what a few of them write, at a steady rate.

`python -m bench.socket_load` takes a `Load` as a line of JSON, says a line once all are connected, and after the next
line that it gets sends and answers a `Result`. It knows as little of websockets as it can: about 15 µs per frame.
"""

import asyncio
import json
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter_ns

MARK = b"sent at "  # in a message, before the nanosecond at which it was sent, of 20 digits
AT_ONCE = 20  # handshakes
TEXT, PING, PONG = 0x81, 0x89, 0x8A
KEY = b64encode(b"sixteen bytes...").decode()


@dataclass(frozen=True, slots=True)
class Load:
    """The first `members` of the sockets write `frame` in turn, and hear what contains `heard`; all hear `ready`."""

    ports: list[int]
    tokens: list[str]
    members: int
    frame: str
    heard: str
    ready: str
    rate: float
    seconds: float
    warm_up: float


@dataclass(frozen=True, slots=True)
class Result:
    """`latencies` are in milliseconds, sorted: of each message to each of its receivers."""

    messages: int
    missing: int
    latencies: list[float]

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


class Client(asyncio.Protocol):
    def __init__(self, load: Load, token: str, hear: Callable[[bytes, int], None]) -> None:
        self.load, self.token, self.hear = load, token, hear
        self.received, self.is_open = bytearray(), False
        self.is_ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        protocols = f"crisol.v1, bearer.{self.token}"
        head = (
            "GET /ws/ HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Protocol: {protocols}", "", "",
        )  # fmt: skip
        self.transport.write("\r\n".join(head).encode())

    def data_received(self, data: bytes) -> None:
        now = perf_counter_ns()
        self.received += data
        if not self.is_open:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            if b" 101 " not in self.received[:20]:
                self.is_ready.set_exception(ConnectionError(bytes(self.received[:200]).decode()))
                return
            self.is_open = True
            del self.received[: end + 4]
        while (taken := self.frame()) is not None:
            self.take(*taken, now)

    def frame(self) -> tuple[int, bytes] | None:
        """The next one that is complete, of those that a server sends."""
        if len(self.received) < 2:
            return None
        length, begin = self.received[1], 2
        if length >= 126:
            begin = 4 if length == 126 else 10
            length = int.from_bytes(self.received[2:begin], "big")
        if len(self.received) < begin + length:
            return None
        opcode, payload = self.received[0], bytes(self.received[begin : begin + length])
        del self.received[: begin + length]
        return opcode, payload

    def take(self, opcode: int, payload: bytes, now: int) -> None:
        if opcode == PING:
            self.send(payload, PONG)
        elif not self.is_ready.done() and self.load.ready.encode() in payload:
            self.is_ready.set_result(None)
        elif self.load.heard.encode() in payload:
            self.hear(payload, now)

    def send(self, payload: bytes, opcode: int = TEXT) -> None:
        """Masked with zeros, which is no work."""
        size = len(payload)
        length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self.transport.write(bytes((opcode,)) + length + bytes(4) + payload)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.is_ready.done():
            self.is_ready.set_exception(exc or ConnectionError("The server has closed the connection"))


async def run(load: Load) -> Result:
    begin, latencies = [sys.maxsize], []

    def hear(payload: bytes, now: int) -> None:
        at = payload.find(MARK) + len(MARK)
        sent = int(payload[at : at + 20])
        if sent >= begin[0]:
            latencies.append((now - sent) / 1e6)

    clients = await connected(load, hear)
    print("connected", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await write(load, clients, load.warm_up)
    begin[0] = perf_counter_ns()
    messages = await write(load, clients, load.seconds)
    expected = messages * load.members
    for _ in range(100):
        if len(latencies) >= expected:
            break
        await asyncio.sleep(0.1)
    return Result(messages, expected - len(latencies), sorted(latencies))


async def connected(load: Load, hear: Callable[[bytes, int], None]) -> list[Client]:
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

    async def connect(number: int) -> Client:
        async with gate:
            port = load.ports[number % len(load.ports)]
            _, client = await loop.create_connection(lambda: Client(load, load.tokens[number], hear), "127.0.0.1", port)
            await asyncio.wait_for(client.is_ready, 60)
            return client

    return list(await asyncio.gather(*(connect(number) for number in range(len(load.tokens)))))


async def write(load: Load, clients: list[Client], seconds: float) -> int:
    """Answers how many messages."""
    loop, messages = asyncio.get_running_loop(), round(load.rate * seconds)
    start = loop.time()
    for number in range(messages):
        await asyncio.sleep(start + number / load.rate - loop.time())
        mark = MARK.decode() + f"{perf_counter_ns():020d}"
        clients[number * 7 % load.members].send(load.frame.replace(MARK.decode(), mark).encode())
    return messages


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(run(Load(**json.loads(sys.stdin.readline())))))))
