"""What is asked, of the project and of the floor alike."""

import json
from dataclasses import dataclass
from itertools import count
from time import time

from bench.load import NUMBER, Load

BAR = 0.30  # a page's share of the floor's throughput (issue 3)
BLOCK = 20_000  # numbers of its own for each load, more than one sends
BLOCKS = count(int(time()))
EXPORT = "/api/v1/clientes/export/"


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace, a token of somebody of its sales staff, and one of its companies."""

    workspace_id: int
    token: str
    company_id: int


@dataclass(frozen=True, slots=True)
class Case:
    """An operation on a table at a workspace's size. `bar` is the least share of the floor's throughput."""

    title: str
    method: str
    path: str
    table: str
    size: str
    bar: float | None = BAR

    @property
    def name(self) -> str:
        return f"{self.title}, {self.size}"

    def load(self, place: Place, port: int, *, connections: int, seconds: float) -> Load:
        status = 201 if self.method == "POST" else 200
        first = 10_000_000 + next(BLOCKS) % 4_000 * BLOCK
        return Load(port, self.request(place), status, connections, seconds, first)

    def request(self, place: Place) -> str:
        body = json.dumps(NEW_CLIENT | {"empresa_id": place.company_id}) if self.method == "POST" else ""
        content = ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
        head = [
            f"{self.method} {self.path} HTTP/1.1",
            "Host: localhost",
            "Accept: application/json",
            f"Authorization: Bearer {place.token}",
            *content,
        ]
        return "\r\n".join(head) + "\r\n\r\n" + body


NEW_CLIENT = {
    "nombre_completo": "Ana Perez",
    "telefono": f"+51 9{NUMBER}",
    "email": f"bench{NUMBER}@example.com",
}


def pages(size: str) -> list[Case]:
    return [
        Case("sales, page of 20 companies", "GET", "/api/v1/empresas/", "companies", size),
        Case("sales, page of 20 clients", "GET", "/api/v1/clientes/", "contacts", size),
        Case("onboarding, page of 20 clients", "GET", "/api/clients/", "contacts", size),
    ]


def creation(size: str) -> Case:
    return Case("sales, new client with its ledger entry", "POST", "/api/v1/clientes/", "contacts", size, bar=None)


def every(sizes: list[str]) -> list[Case]:
    """The pages at each size, and what writes last: it lengthens the totals that the pages read."""
    return [case for size in sizes for case in pages(size)] + [creation(sizes[0])]
