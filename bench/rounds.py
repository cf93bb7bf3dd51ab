"""Rounds of load, the floor and the project in turn, so that what disturbs the machine disturbs both."""

import os
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median
from typing import Any

import orjson

from bench import load
from bench.cases import Case, Place
from bench.servers import Database, Server


@dataclass(frozen=True, slots=True)
class Round:
    """One server under one load: requests a second, and CPU milliseconds a request."""

    rate: float
    cpu: float
    database_cpu: float | None
    middle: float
    slowest: float
    machine_load: float


@dataclass(frozen=True, slots=True)
class Measured:
    case: Case
    floor: list[Round]
    project: list[Round]

    @property
    def ratios(self) -> list[float]:
        """Of each pair of neighbouring rounds, sorted."""
        pairs = zip(self.project, self.floor, strict=True)
        return sorted(project.rate / floor.rate for project, floor in pairs)

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def cpu_ratio(self) -> float:
        """How much of the project's CPU time per request the floor needs."""
        return median(each.cpu for each in self.floor) / median(each.cpu for each in self.project)

    @property
    def is_below_the_bar(self) -> bool:
        return self.case.bar is not None and self.ratio < self.case.bar


class DifferentAnswers(RuntimeError):
    """The floor and the project do not answer the same: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Course:
    """How long and with how many connections."""

    rounds: int
    seconds: float
    connections: int
    warm_up: float = 0.7


def run(case: Case, place: Place, floor: Server, project: Server, database: Database, course: Course) -> Measured:
    if case.method == "GET":
        compare(case, place, floor, project, database)
    for server in (floor, project):
        load.measure(case.load(place, server.port, connections=course.connections, seconds=course.warm_up))
    measured = Measured(case, [], [])
    for _ in range(course.rounds):
        measured.floor.append(one(case, place, floor, database, course))
        measured.project.append(one(case, place, project, database, course))
    return measured


def one(case: Case, place: Place, server: Server, database: Database, course: Course) -> Round:
    wanted = case.load(place, server.port, connections=course.connections, seconds=course.seconds)
    cpu, database_cpu = server.cpu_seconds(), database.cpu_seconds()
    result = load.measure(wanted)
    cpu, later = server.cpu_seconds() - cpu, database.cpu_seconds()
    used = None if database_cpu is None or later is None else (later - database_cpu) / result.requests * 1000
    return Round(
        rate=result.rate,
        cpu=cpu / result.requests * 1000,
        database_cpu=used,
        middle=result.percentile(0.5),
        slowest=result.percentile(0.99),
        machine_load=os.getloadavg()[0],
    )


def compare(case: Case, place: Place, floor: Server, project: Server, database: Database) -> None:
    """Both answer the same, and count what is there. Raises `DifferentAnswers`."""
    answers = [answer(case, place, server) for server in (floor, project)]
    if answers[0] != answers[1]:
        raise DifferentAnswers(f"{case.name}\nfloor: {answers[0]}\nproject: {answers[1]}")
    rows = database.rows(case.table, place.workspace_id)
    if answers[0]["count"] != rows:
        raise DifferentAnswers(f"{case.name} counts {answers[0]['count']} of {rows} rows")


def answer(case: Case, place: Place, server: Server) -> Any:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request(case.method, case.path, headers={"Host": "localhost", "Authorization": f"Bearer {place.token}"})
    body = connection.getresponse().read()
    connection.close()
    return orjson.loads(body)
