"""manage.py import_csv KIND FILE: bring records in from a CSV file (docs/importing.md)."""

import os
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from tqdm import tqdm

from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.exchange import imports, mapping, products, reading
from backend.modules.exchange.detection import DELIMITERS, FileRefused
from backend.modules.exchange.fields import FIELDS
from backend.modules.exchange.importers import Options
from backend.modules.exchange.refusals import RefusedRows
from backend.modules.identity import queries as identity
from backend.modules.opportunities.models import Currency

REASONS_SHOWN = 5
DETAILS_SHOWN = 20


class Command(BaseCommand):
    help = "Import records of one kind from a CSV file. A second run changes nothing. See docs/importing.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=list(FIELDS))
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--map", action="append", default=[], metavar="FIELD=COLUMN", help="the column of a field; once per field"
        )
        parser.add_argument(
            "--currency", choices=Currency.values, help="of new opportunities without one; USD if left out"
        )
        parser.add_argument("--products", type=Path, metavar="FILE", help="the price list, to spell products by it")
        parser.add_argument("--email-domain", metavar="DOMAIN", help="of new users without an e-mail address")
        parser.add_argument("--workspace", type=int, default=1, metavar="ID")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
        parser.add_argument("--refused", type=Path, metavar="FILE", help="where the refused rows go")
        parser.add_argument("--encoding", help="found out if left out")
        parser.add_argument("--delimiter", help="comma, semicolon, tab or pipe; found out if left out")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            actor = _actor(options["workspace"])
            wanted = _wanted(options["map"])
            path = _refused_path(options["file"], options["refused"])
            how = {"encoding": options["encoding"], "delimiter": options["delimiter"]}
            with reading.open_table(options["file"], **how) as table:
                columns = mapping.columns_of(options["kind"], table.header, wanted)
                self._announce(table, columns)
                self._import(actor, table, columns, path, options)
        except FileRefused as refused:
            raise CommandError(str(refused)) from None

    def _announce(self, table: reading.Table, columns: mapping.Columns) -> None:
        self.stdout.write(f"Encoding {table.encoding}, columns separated by {DELIMITERS[table.delimiter]}.")
        for name, field in zip(columns.names, columns.fields, strict=True):
            if field:
                self.stdout.write(f"  {name} -> {field}")
        if columns.without_field:
            where = "lines of notes" if columns.has_notes else "not kept"
            self.stdout.write(f"  {', '.join(columns.without_field)} -> {where}")

    def _import(
        self, actor: Actor, table: reading.Table, columns: mapping.Columns, path: Path, options: dict[str, Any]
    ) -> None:
        said = _said(options)
        refused = RefusedRows(path, table.header, table.delimiter)
        hidden = options["no_progress"] or not sys.stderr.isatty()
        bar = tqdm(total=table.size, unit="B", unit_scale=True, disable=hidden)
        summary = imports.Summary()

        def refuse(row: reading.Row, reason: str) -> None:
            refused.add(row.line, reason, row.cells)
            if summary.counts["refused"] <= REASONS_SHOWN:
                with bar.external_write_mode():
                    self.stdout.write(f"Line {row.line} refused: {reason}")

        def progress(summary: imports.Summary) -> None:
            bar.update(table.position - bar.n)
            bar.set_postfix(summary.counts, refresh=False)

        try:
            imports.run(
                actor,
                table,
                columns,
                summary,
                options=said,
                dry_run=options["dry_run"],
                refuse=refuse,
                progress=progress,
            )
        except (KeyboardInterrupt, DatabaseError) as error:
            state = "Nothing was changed." if options["dry_run"] else "What was done stays; run it again to go on."
            raise CommandError(
                f"Stopped after line {summary.last_line}: {str(error).strip() or 'interrupted'}. {state}"
            ) from error
        finally:
            bar.close()
            refused.close()
            self._summarise(summary, path, dry_run=options["dry_run"])

    def _summarise(self, summary: imports.Summary, path: Path, *, dry_run: bool) -> None:
        counts = ", ".join(f"{result} {summary.counts[result]}" for result in imports.RESULTS)
        self.stdout.write(f"{'Dry run, nothing is changed: ' if dry_run else ''}{counts}")
        for kind, details in sorted(summary.remarks.items()):
            shown = [f"{detail} ({rows})" for detail, rows in details.most_common(DETAILS_SHOWN) if detail]
            more = [f"and {len(details) - DETAILS_SHOWN} more"] if len(details) > DETAILS_SHOWN else []
            colon = ": " if shown else ""
            self.stdout.write(f"  {details.total()} {kind}{colon}{', '.join(shown + more)}")
        if summary.counts["refused"]:
            self.stdout.write(f"The refused rows and why: {path}")


def _actor(workspace_id: int) -> Actor:
    """The system in the workspace. Raises `FileRefused` where there is none to import into."""
    try:
        return identity.system_actor(workspace_id)
    except NotFound:
        raise FileRefused(f"There is no workspace {workspace_id}.") from None
    except DatabaseError as error:
        problem = str(error).strip().splitlines()[0]
        raise FileRefused(f"The database can't be used ({problem}): run manage.py migrate, or make run.") from None


def _said(options: dict[str, Any]) -> Options:
    """What was said of the rows beside the file. Raises `FileRefused` for a price list that can't be read."""
    given = {name: options[name] for name in ("currency", "email_domain") if options[name] is not None}
    return Options(**given, products=products.price_list(options["products"]) if options["products"] else None)


def _wanted(pairs: list[str]) -> dict[str, str]:
    """`["name=account"]` as `{"name": "account"}`. Raises `FileRefused`."""
    wanted: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field or not column:
            raise FileRefused(f"--map takes FIELD=COLUMN, not {pair!r}.")
        if field in wanted:
            raise FileRefused(f"--map gives {field} two columns.")
        wanted[field] = column
    return wanted


def _refused_path(source: Path, given: Path | None) -> Path:
    """Where the refused rows go: a new file of `var/refused` unless one is given. Raises `FileRefused`."""
    if given is None:
        moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        return settings.VAR / "refused" / f"{source.stem}-{moment}.csv"
    if given.resolve() == source.resolve():
        raise FileRefused("The refused rows can't go into the file that is read.")
    if given.is_dir() or not os.access(given.parent, os.W_OK):
        raise FileRefused(f"{given} can't be written.")
    return given
