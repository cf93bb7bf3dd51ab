"""`manage.py rebuild_figures`: compare what the reports read with the rows (docs/operations.md, "Figures")."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from backend.core import rebuilding
from backend.modules.identity import queries as identity


class Command(BaseCommand):
    help = "Compare the figures of the reports with the rows that they stand for, and correct those that are off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", type=int, metavar="ID", help="only this one")
        parser.add_argument("--check", action="store_true", help="correct nothing; exit status 1 if a figure is off")

    def handle(self, *args: Any, workspace: int | None, check: bool, **options: Any) -> None:
        known = identity.workspace_ids()
        if workspace is not None and workspace not in known:
            raise CommandError(f"There is no workspace {workspace}.")
        off = 0
        for each in known if workspace is None else [workspace]:
            found = rebuilding.drifts(each) if check else rebuilding.rebuild(each)
            off += len(found)
            for of in found:
                self.stdout.write(f"workspace {each}: {of.name}[{of.key}] is {of.kept}, should be {of.true}")
        self.stdout.write(f"{off} figures {'are' if check else 'were'} off." if off else "Every figure is right.")
        if check and off:
            sys.exit(1)
