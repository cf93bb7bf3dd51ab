"""`manage.py set_password WHOM`: for who can't recover theirs by mail (docs/operations.md, "Forgotten passwords").

Django's `changepassword` writes past the ledger, and so is refused here.
"""

from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management import BaseCommand, CommandError

from backend.modules.identity.actions import passwords
from backend.modules.identity.management.naming import user_named


class Command(BaseCommand):
    help = "Give a user a new password, asked for twice. Their sessions end, and they have to choose another."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("whom", help="a user name or an e-mail address")

    def handle(self, *args: Any, whom: str, **options: Any) -> None:
        here, user = user_named(whom)
        password = getpass(f"New password for {user.username}: ")
        if getpass("Once more: ") != password:
            raise CommandError("The two passwords are not the same.")
        try:
            passwords.set_password(here, user.pk, password=password)
        except passwords.WeakPassword as weak:
            raise CommandError(weak.facts["reasons"]) from None
        self.stdout.write(f"{user.username} logs in with the new password now.")
