from backend.core import folding
from backend.core.actor import Actor
from backend.modules.exchange.fields import RowRefused
from backend.modules.identity import queries
from backend.modules.identity.queries import Member


class Members:
    """The members of the workspace, to be found by user name, e-mail address or full name, in any case."""

    def __init__(self, actor: Actor) -> None:
        self._by_username: dict[str, Member] = {}
        self._by_email: dict[str, Member] = {}
        self._by_name: dict[str, list[Member]] = {}
        for member in queries.members(actor):
            self._by_username[folding.key(member.username)] = member
            if member.email:
                self._by_email[folding.key(member.email)] = member
            name = folding.join_name(member.first_name, member.last_name)
            self._by_name.setdefault(folding.key(name), []).append(member)

    def named(self, name: str) -> Member | None:
        """The member of this full name. Raises `RowRefused` where several have it."""
        found = self._by_name.get(folding.key(name), [])
        if len(found) > 1:
            raise RowRefused(f"{len(found)} users are called {name}: say which by user name or e-mail address")
        return found[0] if found else None

    def known_as(self, username: str, email: str) -> Member | None:
        """The member with this user name or, failing that, this e-mail address."""
        return self._by_username.get(folding.key(username)) or self._by_email.get(folding.key(email))

    def find(self, text: str) -> Member | None:
        """The member whom the text means, in any of the three ways. Raises `RowRefused` where it may be several."""
        return self.known_as(text, text) or self.named(text)
