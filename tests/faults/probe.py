"""Calling the REST API over real HTTP, also all the time while something else happens."""

import contextlib
import json
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from typing import Any

PATIENCE = 30.0  # seconds; an answer that takes longer is none
NAMES = count()


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def is_well(self) -> bool:
        return 200 <= self.status < 300

    def names(self, dependency: str) -> bool:
        """Whether it is a 503 in the dialect's shape that says which dependency does not answer."""
        if self.status != 503:
            return False
        error = self.json["error"]
        return bool(error["code"]) and dependency in error["message"]


@dataclass
class Caller:
    """Somebody who is logged in, with a token that every dialect takes."""

    address: str
    token: str = ""

    def log_in(self, email: str, password: str, workspace_id: int) -> "Caller":
        body = {"email": email, "password": password, "companyId": workspace_id}
        self.token = self.post("/v1/auth/login", body).json["access_token"]
        return self

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Header names with `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {"Content-Type": "application/json"}
        given |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}{path}", data, given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.read())

    def invite(self, address: str, **headers: str) -> Answer:
        return self.post("/v1/users/invitations", {"email": address}, **headers)

    def order(self, **body: Any) -> int:
        answer = self.post("/api/exports/", {"source": "sales.actividades"} | body)
        assert answer.is_well, answer
        return answer.json["id"]

    def export(self, number: int) -> Any:
        return self.get(f"/api/exports/{number}/").json


@dataclass
class Probe:
    """What was answered meanwhile: a read of one dialect and a write of another in turn."""

    answers: list[Answer] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    @property
    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.answers)

    def were_all_well(self) -> None:
        assert not self.unanswered, self.unanswered
        assert self.answers
        assert [answer for answer in self.answers if not answer.is_well] == []

    def were_well_or_named(self, dependency: str) -> None:
        """Each was done, or refused because of the dependency."""
        assert not self.unanswered, self.unanswered
        assert any(answer.is_well for answer in self.answers)
        assert [answer for answer in self.answers if not answer.is_well and not answer.names(dependency)] == []

    def ask(self, caller: Caller) -> None:
        name = f"Probe {next(NAMES)}"
        try:
            self.answers.append(caller.get("/v1/users/invitations?size=1"))
            self.answers.append(caller.post("/api/v1/empresas/", {"nombre": name}))
        except OSError as problem:
            self.unanswered.append(f"{type(problem).__name__}: {problem}")
            return
        if self.answers[-1].is_well:
            self.written.append(name)


@contextlib.contextmanager
def probing(caller: Caller):
    """Ask all the time until the end of the block, and once more after it."""
    probe, ended = Probe(), Event()

    def run() -> None:
        while not ended.is_set():
            probe.ask(caller)
            time.sleep(0.2)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield probe
    finally:
        ended.set()
        thread.join()
    probe.ask(caller)
