"""Importing: each row of a file creates, updates or confirms one record, or is refused with a reason."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from time import sleep
from typing import NamedTuple
from uuid import uuid4

from django.db import DataError, IntegrityError, connection, transaction

from backend.core import request_id
from backend.core.actor import Actor
from backend.core.errors import DomainError
from backend.modules.exchange.fields import RowRefused
from backend.modules.exchange.importers import IMPORTERS, Importer, Options, Result
from backend.modules.exchange.mapping import Columns, Record
from backend.modules.exchange.reading import Row, Table

BATCH = 200  # rows of one transaction: under a second in which nobody else writes to SQLite
PAUSE = 0.11  # seconds between two batches on SQLite, whose waiting writers look every 0.1 s whether it is their turn
MOST_DETAILS = 500  # of one kind of remark that are counted apart, so that memory does not depend on the file
RESULTS: tuple[Result, ...] = ("created", "updated", "unchanged", "refused")


class Outcome(NamedTuple):
    row: Row
    result: Result
    reason: str = ""
    remarks: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class Summary:
    """How many rows had which result, and the last line that is done.

    `remarks` has what was irregular about the rows that were not refused: by kind, how many had which detail.
    """

    counts: Counter[Result] = field(default_factory=Counter)
    remarks: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    last_line: int = 1

    def add(self, outcome: Outcome) -> None:
        self.counts[outcome.result] += 1
        for kind, detail in outcome.remarks:
            details = self.remarks[kind]
            details[detail if detail in details or len(details) < MOST_DETAILS else "…"] += 1


def run(
    actor: Actor,
    table: Table,
    columns: Columns,
    summary: Summary,
    *,
    options: Options,
    dry_run: bool = False,
    refuse: Callable[[Row, str], None],
    progress: Callable[[Summary], None],
) -> None:
    """Import every row of the table in its order, counting into `summary` what is committed.

    A refused row is handed to `refuse` with the reason and stops no other; `progress` is told after every batch. The
    ledger has all changes under one request id. A dry run does the same within one transaction and takes it back: so
    its counts are those of a real run, also where rows of the file build on each other.
    """
    token = request_id.current.set(f"import-{uuid4().hex}")
    rows, importer = table.rows(), IMPORTERS[columns.kind](actor, options)
    try:
        with _taken_back() if dry_run else nullcontext():
            while batch := list(islice(rows, BATCH)):
                for outcome in _import_batch(importer, columns, batch):
                    summary.add(outcome)
                    if outcome.result == "refused":
                        refuse(outcome.row, outcome.reason)
                summary.last_line = batch[-1].line
                if dry_run:
                    connection.run_on_commit.clear()  # what would be published; a long run would hoard it
                elif connection.vendor == "sqlite":
                    sleep(PAUSE)
                progress(summary)
    finally:
        request_id.current.reset(token)


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _import_batch(importer: Importer, columns: Columns, rows: list[Row]) -> list[Outcome]:
    read = [(row, _record(columns, row)) for row in rows]
    records = [record for _, record in read if isinstance(record, Record)]
    with transaction.atomic():
        importer.look_up(records)
        outcomes = []
        for row, record in read:
            if isinstance(record, Record):
                outcomes.append(_import_record(importer, row, record))
                if outcomes[-1].result == "refused":
                    importer.look_up(records)
            else:
                outcomes.append(Outcome(row, "refused", record))
        return outcomes


def _record(columns: Columns, row: Row) -> Record | str:
    """What the row says, or why it is refused."""
    try:
        return row.fault or columns.record(row.cells)
    except RowRefused as error:
        return str(error)


def _import_record(importer: Importer, row: Row, record: Record) -> Outcome:
    """One row, in a savepoint of its own."""
    try:
        with transaction.atomic():
            return Outcome(row, importer.take(record), remarks=record.remarks)
    except RowRefused as error:
        reason = str(error)
    except DomainError as error:
        reason = f"{error.field}: {error.code}" if error.field else error.code
    except (DataError, IntegrityError) as error:
        reason = f"the database does not take it: {str(error).splitlines()[0]}"
    return Outcome(row, "refused", reason)
