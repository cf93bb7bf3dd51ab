"""The catalogue of permissions: each is declared in code beside the operations that need it."""

from collections.abc import Collection
from dataclasses import dataclass

ADMIN = "admin"  # the role that holds every permission


@dataclass(frozen=True, slots=True)
class Permission:
    codename: str
    name: str
    roles: frozenset[str]

    @property
    def content_type(self) -> str:
        """The resource it is about: `contacts` of `contacts.add`."""
        return self.codename.partition(".")[0]


catalogue: dict[str, Permission] = {}


def declare(codename: str, name: str, *, roles: Collection[str] = ()) -> str:
    """Put a permission into the catalogue and answer its codename.

    `roles` are the keys of the built-in roles that hold it from the start, beside `admin`, which holds all.
    """
    if codename in catalogue:
        raise ValueError(f"Permission {codename} is declared twice")
    catalogue[codename] = Permission(codename, name, frozenset(roles) | {ADMIN})
    return codename
