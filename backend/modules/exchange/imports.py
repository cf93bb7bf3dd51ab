"""Importing: each row of a file creates, updates or confirms one record, or is refused with a reason."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from time import sleep
from typing import Any, Literal, NamedTuple
from uuid import uuid4

from django.db import DataError, IntegrityError, connection, transaction

from backend.core import folding, request_id
from backend.core.actor import Actor
from backend.core.errors import DomainError
from backend.modules.companies import actions as company_actions
from backend.modules.companies import queries as companies
from backend.modules.companies.models import Company
from backend.modules.contacts import actions as contact_actions
from backend.modules.contacts import phones
from backend.modules.contacts import queries as contacts
from backend.modules.contacts.models import Contact
from backend.modules.exchange.fields import RowRefused
from backend.modules.exchange.mapping import Columns, Record
from backend.modules.exchange.reading import Row, Table

BATCH = 200  # rows of one transaction: under a second in which nobody else writes to SQLite
PAUSE = 0.11  # seconds between two batches on SQLite, whose waiting writers look every 0.1 s whether it is their turn
Result = Literal["created", "updated", "unchanged", "refused"]
RESULTS: tuple[Result, ...] = ("created", "updated", "unchanged", "refused")


class Outcome(NamedTuple):
    row: Row
    result: Result
    reason: str = ""


@dataclass(slots=True)
class Summary:
    """How many rows had which result, and the last line that is done."""

    counts: Counter[Result] = field(default_factory=Counter)
    last_line: int = 1


def run(
    actor: Actor,
    table: Table,
    columns: Columns,
    summary: Summary,
    *,
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
    rows = table.rows()
    try:
        with _taken_back() if dry_run else nullcontext():
            while batch := list(islice(rows, BATCH)):
                for outcome in _import_batch(actor, columns, batch):
                    summary.counts[outcome.result] += 1
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


def _import_batch(actor: Actor, columns: Columns, rows: list[Row]) -> list[Outcome]:
    with transaction.atomic():
        return [_import_row(actor, columns, row) for row in rows]


def _import_row(actor: Actor, columns: Columns, row: Row) -> Outcome:
    """One row, in a savepoint of its own."""
    if row.fault:
        return Outcome(row, "refused", row.fault)
    try:
        record = columns.record(row.cells)
        with transaction.atomic():
            return Outcome(row, IMPORTERS[columns.kind](actor, record))
    except RowRefused as error:
        return Outcome(row, "refused", str(error))
    except DomainError as error:
        return Outcome(row, "refused", f"{error.field}: {error.code}" if error.field else error.code)
    except (DataError, IntegrityError) as error:
        return Outcome(row, "refused", f"the database does not take it: {str(error).splitlines()[0]}")


def _import_company(actor: Actor, record: Record) -> Result:
    """A company is recognised by its name, without regard to case and white space; the name then stays as it is."""
    fields = dict(record.values)
    if "name" not in fields:
        raise RowRefused("is empty", column="name")
    found = companies.find_by_exact_name(actor, fields["name"])
    _add_notes(fields, record, found)
    if found is None:
        company_actions.create(actor, **fields)  # type: ignore[typeddict-item]
        return "created"
    del fields["name"]
    changed = company_actions.update(actor, found.pk, **fields)  # type: ignore[typeddict-item]
    return "unchanged" if changed.version == found.version else "updated"


def _import_contact(actor: Actor, record: Record) -> Result:
    """A contact is recognised by its e-mail address, or by phone number and name together (see `_recognise`)."""
    fields = dict(record.values)
    if "full_name" in fields:
        fields["first_name"], fields["last_name"] = folding.split_name(fields.pop("full_name"))
    if "first_name" not in fields:
        raise RowRefused("is empty", column="first_name")
    found = _recognise(actor, fields)
    _add_notes(fields, record, found)
    if found is None:
        contact_actions.create(actor, email_must_be_free=True, **fields)  # type: ignore[typeddict-item]
        return "created"
    if "full_name" in record.values and _name(fields) == _name_of(found):
        del fields["first_name"], fields["last_name"]  # the same name, perhaps cut at a better place
    changed = contact_actions.update(actor, found.pk, email_must_be_free=True, **fields)  # type: ignore[typeddict-item]
    return "unchanged" if changed.version == found.version else "updated"


def _recognise(actor: Actor, fields: dict[str, Any]) -> Contact | None:
    """The contact that the row is about; what it was recognised by is taken from the fields, to stay as it is spelled.

    The e-mail address decides. A phone number may be a company's, so it decides only together with the name, and only
    between a row and a contact that don't both have an address. Raises `RowRefused` where a second import could not
    recognise the contact.
    """
    email, phone = fields.get("email", ""), fields.get("phone", "")
    by_email = contacts.find_by_email(actor, email)
    if by_email:
        del fields["email"]
        return by_email
    by_phone = contacts.find_by_phone(actor, phone)
    if by_phone and not (email and by_phone.email) and _name(fields) == _name_of(by_phone):
        del fields["phone"]
        return by_phone
    if email:
        return None
    if by_phone:
        raise RowRefused(f"no e-mail address, and {phone} is the number of {by_phone}")
    if not phones.e164(phone, actor.region):
        raise RowRefused("neither an e-mail address nor a valid phone number to recognise the contact by")
    return None


def _name(fields: dict[str, Any]) -> str:
    return folding.fold(folding.join_name(fields["first_name"], fields.get("last_name", "")))


def _name_of(contact: Contact) -> str:
    return folding.fold(folding.join_name(contact.first_name, contact.last_name))


def _add_notes(fields: dict[str, Any], record: Record, found: Company | Contact | None) -> None:
    if record.rest or "notes" in fields:
        fields["notes"] = record.notes(found.notes if found else "")


IMPORTERS: dict[str, Callable[[Actor, Record], Result]] = {"company": _import_company, "contact": _import_contact}
