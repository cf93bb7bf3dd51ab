"""`manage.py unlock WHOM`: let somebody try again at once (docs/operations.md, "Throttling")."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from backend.modules.identity import throttles


class Command(BaseCommand):
    help = "Forget the failed attempts of a user name, an e-mail address or an IP address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("whom", help="a user name, an e-mail address or an IP address")

    def handle(self, *args: Any, whom: str, **options: Any) -> None:
        dropped = throttles.unlock_named(whom)
        if dropped is None:
            raise CommandError("redis does not answer: nothing was changed, and nothing is throttled meanwhile.")
        self.stdout.write(f"{whom} may try again." if dropped else f"Nothing was held against {whom}.")
