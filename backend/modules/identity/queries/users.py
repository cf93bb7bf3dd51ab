"""Reading the users of a workspace, and how many there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Value, When
from django.db.models.functions import Concat, Trim

from backend.core import listing, permissions, search
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.identity import roles
from backend.modules.identity.models import Membership, SecondFactor, User
from backend.modules.identity.queries import roles as role_queries

VIEW = permissions.declare("users.view", "Read users")

OF_PERSON = ("username", "email", "first_name", "last_name", "phone", "date_of_birth", "gender", "city")
FIELDS = ("user_id", "created_at", "last_login_at")
# Who is shut out everywhere is so here as well.
NAMES: Mapping[str, Any] = {name: F(f"user__{name}") for name in OF_PERSON} | {
    "may_act": Case(When(user__is_active=True, then=F("is_active")), default=False),
    "record_version": F("version") + F("user__version"),
}


def page(actor: Actor, wanted: listing.Window, *, term: str = "") -> listing.Page:
    """The workspace's users, by user name; `term` is looked for in names, addresses and phones."""
    actor.require(VIEW)
    rows = _matching(actor, term)
    found = listing.page(rows, wanted, count=listing.count_up_to_bound(rows), fields=FIELDS, **NAMES)
    _describe(actor, found.rows)
    return found


def to_export(actor: Actor, *, term: str = "") -> WorkspaceQuerySet:
    """The same users for a file. Beside the fields there are `NAMES`, `full_name`, and what `roles.held` has."""
    actor.require(VIEW)
    texts = {"full_name": Trim(Concat("user__first_name", Value(" "), "user__last_name"))}
    return _matching(actor, term).annotate(**texts, **NAMES, **role_queries.held(actor))


def describe(actor: Actor, user_id: int) -> dict[str, Any]:
    """One user of the workspace, for who has just logged in as or written them. Raises `NotFound`."""
    rows = list(Membership.objects.of(actor).filter(user_id=user_id).values("id", *FIELDS, **NAMES))
    if not rows:
        raise NotFound(record="user", id=user_id)
    _describe(actor, rows)
    return rows[0]


def get(actor: Actor, user_id: int) -> dict[str, Any]:
    """One user with their `permissions` and whether a second factor is on. Everybody sees themselves.

    Raises `NotFound`.
    """
    if user_id != actor.user_id:
        actor.require(VIEW)
    found = describe(actor, user_id)
    has_second_factor = SecondFactor.objects.filter(user_id=user_id, confirmed_at__isnull=False).exists()
    return found | {
        "permissions": role_queries.permissions_of(actor, found["id"]),
        "has_second_factor": has_second_factor,
    }


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many users a workspace has. `by_role` names built-in roles by their keys; who holds two counts in both."""

    total: int
    active: int
    new_this_month: int
    by_role: dict[str, int]


def statistics(actor: Actor) -> Statistics:
    """Counted now; the month is the workspace's time zone's."""
    actor.require(VIEW)
    rows = Membership.objects.of(actor)
    since = actor.start_of(actor.today.replace(day=1))
    return Statistics(
        total=rows.count(),
        active=rows.filter(is_active=True, user__is_active=True).count(),
        new_this_month=rows.filter(created_at__gte=since).count(),
        by_role={role.key or role.name: role.users for role in role_queries.holders(actor)},
    )


def _matching(actor: Actor, term: str) -> WorkspaceQuerySet:
    rows = Membership.objects.of(actor).order_by("user__username_key", "id")
    return rows.filter(user__in=search.narrow(User.objects.all(), term)) if term else rows


def _describe(actor: Actor, rows: list[dict[str, Any]]) -> None:
    """The roles of each, `is_active` as it comes out of both places, and the version of the whole."""
    names = role_queries.names_of(actor, [row["id"] for row in rows])
    for row in rows:
        row["roles"] = names.get(row["id"], [])
        row["is_admin"] = roles.ADMIN in row["roles"]
        row["is_active"], row["version"] = row.pop("may_act"), row.pop("record_version")
