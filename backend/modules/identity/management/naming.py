"""Whom, and which workspace, an operator means."""

from django.core.management import CommandError
from django.db.models import Q

from backend.core import folding
from backend.core.actor import Actor
from backend.modules.identity import belonging
from backend.modules.identity.models import User, Workspace


def user_named(whom: str) -> tuple[Actor, User]:
    """The user of this name or address, in any case, and the server in their oldest workspace.

    One user, so that nobody else is meant by mistake. Raises `CommandError`.
    """
    name = folding.key(whom)
    found = list(User.objects.filter(Q(username_key=name) | Q(email_key=name)))
    if not found:
        raise CommandError(f"There is no user {whom}.")
    if len(found) > 1:
        raise CommandError(f"{whom} is the user name of one and the address of another: name the one by the other.")
    home = belonging.home_of(found[0])
    if home is None:
        raise CommandError(f"{found[0].username} is active in no workspace.")
    return Actor.system(home), found[0]


def workspace_named(name: str) -> Workspace:
    """The workspace of this name, in any case, or of this number. Raises `CommandError`."""
    rows = Workspace.objects.order_by("id")
    found = [row for row in rows if folding.key(row.name) == folding.key(name)] or [
        row for row in rows if str(row.pk) == name
    ]
    if not found:
        raise CommandError(f"There is no workspace {name}.")
    if len(found) > 1:
        numbers = ", ".join(str(row.pk) for row in found)
        raise CommandError(f"Several workspaces are called {name}: name one by its number ({numbers}).")
    return found[0]
