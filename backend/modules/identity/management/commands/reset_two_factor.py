"""`manage.py reset_two_factor WHOM`: for who lost phone and recovery codes (docs/operations.md, "Second factors")."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from backend.modules.identity.actions import second_factors
from backend.modules.identity.management.naming import user_named


class Command(BaseCommand):
    help = "Take the second factor of a user away: they log in with their password and may set up another."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("whom", help="a user name or an e-mail address")

    def handle(self, *args: Any, whom: str, **options: Any) -> None:
        here, user = user_named(whom)
        try:
            second_factors.reset(here, user.pk)
        except second_factors.SecondFactorOff:
            raise CommandError(f"{user.username} has no second factor.") from None
        self.stdout.write(f"{user.username} logs in with the password alone now.")
