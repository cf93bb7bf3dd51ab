"""Memory that does not depend on the number of rows, measured while a worker writes many."""

import gc
from contextlib import contextmanager
from threading import Event, Thread

import psutil
import pytest
from django.db import connection

from backend.modules.activities.models import Activity
from backend.modules.exchange import documents
from backend.modules.exchange.models import State
from tests import make, pdfs

pytestmark = pytest.mark.django_db(transaction=True)

MOST_MORE = 30  # megabytes
MANY = {"csv": 200_000, "xlsx": 50_000}  # a book takes ten times as long


def multiply(activity: Activity, number: int) -> None:
    """Copy the row until there are so many, past the ledger."""
    columns = ", ".join(field.column for field in Activity._meta.concrete_fields if not field.primary_key)
    times = "WITH RECURSIVE times(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM times WHERE n < %s)"
    copy = f"{times} SELECT {columns} FROM activities, times WHERE id = %s"  # noqa: S608 - names of columns
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO activities ({columns}) {copy}", [number - 1, activity.pk])


def own_memory() -> int:
    """What the process holds itself, without the pages of the database's file that SQLite maps."""
    figures = psutil.Process().memory_info()
    return figures.rss - getattr(figures, "shared", 0)


@contextmanager
def growth():
    """The most megabytes that the process has meanwhile beyond those that it had; the list has them at the end."""
    gc.collect()
    ended, found = Event(), []
    before = highest = own_memory()

    def watch() -> None:
        nonlocal highest
        while not ended.wait(0.005):
            highest = max(highest, own_memory())

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        ended.set()
        watcher.join()
        found.append((highest - before) / 1_000_000)


@pytest.mark.parametrize("format", MANY)
def test_a_long_file_takes_no_more_memory_than_a_short_one(alice, write, format):
    activity = make.activity(alice.actor, description="Revisar la propuesta " * 10)
    write(make.export(alice.actor, source="sales.actividades", format=format))  # whatever is loaded once is loaded
    multiply(activity, MANY[format])

    export = make.export(alice.actor, source="sales.actividades", format=format)
    with growth() as more:
        export = write(export)

    assert (export.state, export.rows_done) == (State.DONE, MANY[format])
    assert more[0] < MOST_MORE


@pdfs.needs_pango
def test_a_long_pdf_takes_little_more_memory_than_one_part_of_it(alice, write, monkeypatch):
    """Laid out at once, these rows take more than a hundred megabytes."""
    monkeypatch.setattr(documents, "PART", 40)
    activity = make.activity(alice.actor, description="Revisar la propuesta " * 10)
    multiply(activity, 60)
    write(make.export(alice.actor, source="sales.actividades", format="pdf"))  # whatever is loaded once is loaded
    multiply(activity, 600)

    export = make.export(alice.actor, source="sales.actividades", format="pdf")
    with growth() as more:
        export = write(export)

    assert (export.state, export.rows_done) == (State.DONE, 660 - 1)
    assert more[0] < 2 * MOST_MORE
