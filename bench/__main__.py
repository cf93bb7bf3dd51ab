"""`make bench`: the way of a request, as a share of what a bare callable reaches on the same server in the same run."""

import argparse
import os
import secrets
import signal
import sys
from pathlib import Path
from types import FrameType

import django
import psycopg
from django.conf import settings

from bench import cases, export, report, rounds, scratch, servers, sockets
from bench.cases import Place
from bench.export import Export
from bench.rounds import Course, Measured
from bench.servers import Database, Server
from bench.sockets import Crowd, Delivery

SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
FULL = {"10k": 10_000, "1M": 1_000_000}
QUICK = {"10k": 10_000}
KEPT = "crisol_bench"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 thousand rows only, short rounds")
    parser.add_argument("--rounds", type=int, help="pairs of rounds for each case")
    parser.add_argument("--seconds", type=float, help="length of a round")
    parser.add_argument("--connections", type=int, default=16, help="requests under way at once")
    parser.add_argument(
        "--only", default="", help="cases with this in their name, as `companies`, `export` or `sockets`"
    )
    parser.add_argument("--keep", action="store_true", help=f"keep the data in the database {KEPT} for the next run")
    return parser.parse_args()


def main() -> int:
    wanted = arguments()
    signal.signal(signal.SIGTERM, stop)
    server = os.environ.get("DATABASE_URL") or SERVER
    name = KEPT if wanted.keep else f"{KEPT}_{os.getpid()}"
    try:
        with scratch.database(server, name, keep=wanted.keep) as url:
            configure(url)
            measure(url, wanted)
    except psycopg.OperationalError as error:
        say(f"PostgreSQL does not answer as it should; DATABASE_URL says where it is: {error}")
        return 1
    return 0


def configure(url: str) -> None:
    """The settings of production, for this process and for the servers that it starts."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "backend.settings",
        "DATABASE_URL": url,
        "ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "LOG_LEVEL": "WARNING",
    }
    django.setup()


def measure(url: str, wanted: argparse.Namespace) -> None:
    from bench import data, socket_data  # models can't be imported before the settings are known

    brief, length = (3, 1.0) if wanted.quick else (5, 2.0)
    course = Course(wanted.rounds or brief, wanted.seconds or length, wanted.connections)
    logs = settings.VAR / "bench"
    logs.mkdir(exist_ok=True)
    has_sockets = wanted.only in "sockets"
    sizes = {} if wanted.only and has_sockets else QUICK if wanted.quick else FULL
    places = data.prepare(sizes, say)
    crowd = socket_data.prepare(0.25 if wanted.quick else 1.0) if has_sockets else None
    data.let_go()
    database = Database(url)
    facts = report.machine(database.version())
    with (
        servers.granian("floor", "bench.floor:application", logs) as floor,
        servers.granian("project", "backend.wsgi:application", logs) as project,
    ):
        measured = load(places, floor, project, database, course, wanted.only)
        exports = files(places, floor, project, database, logs, wanted.only)
    deliveries = live(crowd, database, logs, seconds=5.0 if wanted.quick else 20.0)
    database.close()
    report.keep(logs / "latest.json", course, facts, measured, exports, deliveries)
    print(report.text(course, facts, measured, exports, deliveries))
    say(f"Kept in {logs / 'latest.json'}")


def load(
    places: dict[str, Place], floor: Server, project: Server, database: Database, course: Course, only: str
) -> list[Measured]:
    measured = []
    for case in cases.every(list(places)) if places else []:
        if only in case.name:
            say(case.name)
            measured.append(rounds.run(case, places[case.size], floor, project, database, course))
    return measured


def files(
    places: dict[str, Place], floor: Server, project: Server, database: Database, logs: Path, only: str
) -> list[Export]:
    """The export of the largest workspace from the floor, the project, and the project on Daphne."""
    if not places:
        return []
    size, place = list(places.items())[-1]
    if only not in f"export, {size}":
        return []
    say(f"export, {size}")
    rows = database.rows("contacts", place.workspace_id)
    with servers.daphne("daphne", logs) as daphne:
        return [export.run(server, cases.EXPORT, place, rows=rows) for server in (floor, project, daphne)]


def live(crowd: Crowd | None, database: Database, logs: Path, *, seconds: float) -> list[Delivery]:
    """Messages on their way to many sockets, from the floor and the project."""
    if crowd is None:
        return []
    say("sockets")
    return sockets.run(crowd, database, logs, seconds=seconds)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def stop(number: int, frame: FrameType | None) -> None:
    """A terminated run drops its database and stops its servers as well."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
