"""`manage.py demo`: fill an empty database with the data of a sales team."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from backend.demo.fill import AlreadyFilled, fill

VARIABLES = {"admin": "DEMO_ADMIN_PASSWORD", "test": "DEMO_USER_PASSWORD"}


class Command(BaseCommand):
    help = "Fill an empty database with demo data; a database that has a workspace stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_published_passwords()
        try:
            counts = fill(settings.DEMO_PASSWORDS)
        except AlreadyFilled:
            self.stdout.write("There is data already: nothing was changed.")
            return
        self.stdout.write("Demo data: " + ", ".join(f"{count} {what}" for what, count in counts.items()))


def refuse_published_passwords() -> None:
    """Outside development the demo logins need passwords of their own. Raises `CommandError`."""
    published = [
        VARIABLES[name]
        for name, password in settings.DEMO_PASSWORDS.items()
        if password in settings.PUBLISHED_PASSWORDS
    ]
    if published and not settings.DEVELOPMENT:
        raise CommandError(
            f"ENVIRONMENT is production: set {' and '.join(published)} to passwords of your own; "
            "the default ones are published."
        )
