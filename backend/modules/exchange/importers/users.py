import re
from collections.abc import Iterator, Sequence
from typing import Any

from backend.core import folding
from backend.modules.exchange.importers.base import Importer, Result, with_name_in_parts
from backend.modules.exchange.importers.members import Members
from backend.modules.exchange.mapping import Record
from backend.modules.identity import actions, roles
from backend.modules.identity.actions import UserEmailTaken, UsernameTaken
from backend.modules.identity.queries import Member

LONGEST_USERNAME = 150
MOST_NAMESAKES = 100  # of other workspaces: user names are unique across all


class UserImporter(Importer):
    """A user is recognised among the members by user name or e-mail address if the row has one, else by full name.

    Who is there stays as they are. Who is new sells, has no password, and cannot log in before being given one.
    """

    def look_up(self, records: Sequence[Record] = ()) -> None:
        self._members = Members(self.actor)

    def take(self, record: Record) -> Result:
        fields = dict(record.values)
        with_name_in_parts(fields)
        if "first_name" not in fields:
            raise record.refused("first_name", "is empty")
        manager = fields.pop("manager", None)
        if manager is not None:
            self._take_manager(record, manager)
        for column in record.rest:
            record.remark(f"with {column}, which is not kept: a user has no notes")
        if self._recognise(fields) is not None:
            return "unchanged"
        self._create(record, fields, role=roles.SALES)
        return "created"

    def _recognise(self, fields: dict[str, Any]) -> Member | None:
        if fields.keys() & {"username", "email"}:
            return self._members.known_as(fields.get("username", ""), fields.get("email", ""))
        return self._members.named(folding.join_name(fields["first_name"], fields.get("last_name", "")))

    def _take_manager(self, record: Record, name: str) -> None:
        record.remark("with a manager, who is kept as a user; who manages whom is not")
        if self._members.named(name) is None:
            first, last = folding.split_name(name)
            self._create(record, {"first_name": first, "last_name": last}, role=roles.MANAGER)
            record.remark("whose manager was made a user", name)

    def _create(self, record: Record, fields: dict[str, Any], *, role: str) -> None:
        """The user name, unless given, is made of the name; a number makes it differ from one of another workspace."""
        for username in self._usernames(record, fields):
            email = fields.get("email") or f"{username}@{self.options.email_domain}"
            try:
                actions.create_user(
                    self.actor, password=None, role_names=[role], **fields | {"username": username, "email": email}
                )
            except (UsernameTaken, UserEmailTaken) as taken:
                if taken.field in fields:
                    raise
                continue
            self.look_up()
            return
        raise record.refused("username", f"{MOST_NAMESAKES} user names like {username} are taken")

    def _usernames(self, record: Record, fields: dict[str, Any]) -> Iterator[str]:
        if "username" in fields:
            yield fields["username"]
            return
        name = folding.join_name(fields["first_name"], fields.get("last_name", ""))
        made = re.sub(r"[^a-z0-9-]+", ".", folding.fold(name)).strip(".-")
        if not made or len(made) > LONGEST_USERNAME - 3:
            raise record.refused("username", f"none can be made of {name!r}")
        yield made
        yield from (f"{made}{number}" for number in range(2, MOST_NAMESAKES + 1))
