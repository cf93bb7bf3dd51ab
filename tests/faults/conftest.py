import pytest
from django.db import connection

from tests.faults.installation import Installation
from tests.faults.probe import probing
from tests.faults.services import BINARIES, unless

MANY = 40_000  # rows, which take seconds as a book


@pytest.fixture(scope="session")
def whole_installation(tmp_path_factory):
    embedded = connection.vendor == "sqlite"
    unless(embedded or BINARIES, "no PostgreSQL server is installed that a test may crash")
    installation = Installation(tmp_path_factory.mktemp("faults"), embedded=embedded)
    try:
        yield installation.start()
    finally:
        installation.stop()


@pytest.fixture
def installation(whole_installation):
    """The installation, whole at the beginning of each test."""
    whole_installation.heal()
    return whole_installation


@pytest.fixture(scope="session")
def many(whole_installation) -> int:
    """Copies of an activity, as many as it takes; answers how many."""
    whole_installation.heal()
    activity = {"tipo": "llamada", "asunto": "Llamada de seguimiento", "fecha_hora": "2026-12-01T15:00:00Z"}
    assert whole_installation.caller.post("/api/v1/actividades/", activity).is_well
    columns = ", ".join(column for column in whole_installation.columns("activities") if column != "id")
    times = "WITH RECURSIVE times(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM times WHERE n < %s)"
    copy = f"INSERT INTO activities ({columns}) {times} SELECT {columns} FROM activities, times"  # noqa: S608
    whole_installation.rows(copy, MANY)
    [(rows,)] = whole_installation.rows("SELECT count(*) FROM activities")
    return rows


@pytest.fixture
def caller(installation):
    return installation.caller


@pytest.fixture
def sink(installation):
    return installation.sink


@pytest.fixture
def meanwhile(caller):
    """Has the REST API asked all the time, for as long as a block runs."""
    return lambda: probing(caller)
