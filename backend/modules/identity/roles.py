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
