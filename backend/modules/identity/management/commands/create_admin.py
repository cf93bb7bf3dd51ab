"""`manage.py create_admin [USERNAME] --email ADDRESS`: the first person of an installation, who lets others in.

The password is asked for twice, or comes from `CRISOL_ADMIN_PASSWORD`, or as a line of a standard input that is no
terminal. It is never an argument, which every user of the machine could read.
"""

import os
import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import transaction

from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.modules.identity import roles
from backend.modules.identity.actions import users, workspaces
from backend.modules.identity.actions.passwords import WeakPassword
from backend.modules.identity.management.naming import workspace_named
from backend.modules.identity.models import Workspace

VARIABLE = "CRISOL_ADMIN_PASSWORD"
TAKEN = {
    users.UsernameTaken.code: "There is a user {username} already: give them another password with set_password.",
    users.UserEmailTaken.code: "There is a user with the address {email} already.",
}


class Command(BaseCommand):
    help = "Make an administrator of the first workspace, which is made if there is none, or of the one that is named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", nargs="?", default="admin")
        parser.add_argument("--email", required=True, help="where a forgotten password is recovered")
        parser.add_argument("--workspace", help="the name or the number of a workspace that there is")

    def handle(self, *args: Any, username: str, email: str, **options: Any) -> None:
        password = _password(username)
        try:
            with transaction.atomic():
                place = _place(options["workspace"])
                users.add(
                    Actor.system(place.pk), username=username, email=email, password=password, role_name=roles.ADMIN
                )
        except WeakPassword as weak:
            raise CommandError(weak.facts["reasons"]) from None
        except Conflict as taken:
            raise CommandError(TAKEN[taken.code].format(username=username, email=email)) from None
        self.stdout.write(f"{username} is an administrator of {place.name} and logs in with this password.")


def _place(name: str | None) -> Workspace:
    if name is not None:
        return workspace_named(name)
    first = Workspace.objects.order_by("id").first()
    return first or workspaces.create_workspace(Actor.system(None), name="Crisol")


def _password(username: str) -> str:
    """Raises `CommandError` where none is given."""
    if VARIABLE in os.environ:
        given = os.environ[VARIABLE]
    elif sys.stdin is not None and sys.stdin.isatty():
        given = getpass(f"Password for {username}: ")
        if getpass("Once more: ") != given:
            raise CommandError("The two passwords are not the same.")
    else:
        given = sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""
    if given in settings.PUBLISHED_PASSWORDS:
        raise CommandError("This password is published: everybody knows it.")
    if not given:
        raise CommandError(f"No password: type it, send it to the standard input, or set {VARIABLE}.")
    return given
