"""The built-in roles of every workspace. What each holds is declared with the permissions."""

from typing import NamedTuple

from backend.core import permissions

ADMIN, MANAGER, SALES, USER = permissions.ADMIN, "manager", "sales", "user"


class BuiltInRole(NamedTuple):
    name: str
    description: str


BUILT_IN = {
    ADMIN: BuiltInRole("Admin", "Everything"),
    MANAGER: BuiltInRole("Manager", "All business data, no user administration"),
    SALES: BuiltInRole("Sales", "Companies, contacts, opportunities and activities; their own leads and contracts"),
    USER: BuiltInRole("User", "Their profile and contracts, messaging; reads companies, contacts and opportunities"),
}


def rank(key: str, name: str) -> tuple[int, str]:
    """Which of several roles stands for its holder: the built-in ones from the top down, then the others by name."""
    order = list(BUILT_IN)
    return order.index(key) if key in order else len(order), name
