"""The CSV export: time to the first byte and to the first row, rows a second, and what it costs in memory."""

from dataclasses import dataclass
from http.client import HTTPConnection
from time import perf_counter

from bench.cases import Place
from bench.servers import Server, watching

PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Export:
    """Times in seconds from the request on, memory in bytes of all the server's processes."""

    server: str
    rows: int
    size: int
    first_byte: float
    first_row: float
    whole: float
    cpu: float
    memory_before: int
    memory_peak: int

    @property
    def rate(self) -> float:
        return self.rows / self.whole


class IncompleteExport(RuntimeError):
    """The file has not the rows of the workspace."""


def run(server: Server, path: str, place: Place, *, rows: int) -> Export:
    """Read the file once. Raises `IncompleteExport` unless it has so many rows below its headers."""
    lines = size = 0
    first_byte = first_row = 0.0
    cpu = server.cpu_seconds()
    with watching(server.memory) as peak:
        begin = perf_counter()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=300)
        headers = {"Host": "localhost", "Authorization": f"Bearer {place.token}"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise IncompleteExport(f"{server.name} answers {answer.status}: {answer.read(500)!r}")
        while piece := answer.read1(PIECE):
            first_byte = first_byte or perf_counter() - begin
            size += len(piece)
            lines += piece.count(b"\n")
            if lines > 1 and not first_row:
                first_row = perf_counter() - begin
        whole = perf_counter() - begin
        connection.close()
    if lines - 1 != rows:
        raise IncompleteExport(f"{server.name} sent {lines - 1:,} rows instead of {rows:,}")
    cpu = server.cpu_seconds() - cpu
    return Export(server.name, rows, size, first_byte, first_row, whole, cpu, peak.before, peak.highest)
