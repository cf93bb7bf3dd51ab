"""Reading roles and permissions, and how many people hold them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from backend.core import listing, permissions
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tabular import Joined
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.identity import roles
from backend.modules.identity.models import MembershipRole, Permission, Role, RolePermission

VIEW = permissions.declare("roles.view", "Read roles and permissions")

FIELDS = ("key", "name", "description", "created_at", "updated_at", "version")
PERMISSION_FIELDS = ("name", "codename", "content_type", "description", "is_built_in", "version")


def page(actor: Actor, wanted: listing.Window) -> listing.Page:
    """The workspace's roles in the order they were made, each with its `permissions` and `user_count`."""
    actor.require(VIEW)
    rows = _in_order(actor)
    found = listing.page(rows, wanted, count=listing.count_up_to_bound(rows), fields=FIELDS)
    _describe(actor, found.rows)
    return found


def to_export(actor: Actor) -> WorkspaceQuerySet:
    """The same for a file. Beside the fields there are `codenames` as a text, `permissions_count` and `user_count`."""
    actor.require(VIEW)
    links = RolePermission.objects.of(actor).filter(role=OuterRef("pk")).order_by("permission_id")
    holders = MembershipRole.objects.of(actor).filter(role=OuterRef("pk"))
    return _in_order(actor).annotate(
        codenames=Joined(links.values(joined=F("permission__codename"))),
        permissions_count=_how_many(links),
        user_count=_how_many(holders),
    )


def _in_order(actor: Actor) -> WorkspaceQuerySet:
    return Role.objects.of(actor).order_by("id")


def _how_many(rows: QuerySet) -> Coalesce:
    counted = rows.order_by().values("role").annotate(rows=Count("id")).values("rows")
    return Coalesce(Subquery(counted), 0)


def describe(actor: Actor, role_id: int) -> dict[str, Any]:
    """One role, for who has just written it. Raises `NotFound`."""
    rows = list(Role.objects.of(actor).filter(pk=role_id).values("id", *FIELDS))
    if not rows:
        raise NotFound(record="role", id=role_id)
    _describe(actor, rows)
    return rows[0]


def get(actor: Actor, role_id: int) -> dict[str, Any]:
    """One role with its `users`: everybody who holds it, active or not. Raises `NotFound`."""
    actor.require(VIEW)
    holders = MembershipRole.objects.of(actor).filter(role_id=role_id).order_by("membership__user__email_key")
    users = holders.values(
        user_id=F("membership__user_id"),
        email=F("membership__user__email"),
        first_name=F("membership__user__first_name"),
        last_name=F("membership__user__last_name"),
    )
    return describe(actor, role_id) | {"users": list(users)}


def permission_page(actor: Actor, wanted: listing.Window) -> listing.Page:
    """The permissions that there are: the built-in ones and the workspace's own, in the order they were made."""
    rows = permissions_to_export(actor)
    return listing.page(rows, wanted, count=listing.count_up_to_bound(rows), fields=PERMISSION_FIELDS)


def permissions_to_export(actor: Actor) -> WorkspaceQuerySet:
    """The same for a file."""
    actor.require(VIEW)
    return Permission.objects.of(actor).order_by("id")


def describe_permission(actor: Actor, permission_id: int) -> dict[str, Any]:
    """One permission, for who has just written it. Raises `NotFound`."""
    found = Permission.objects.of(actor).filter(pk=permission_id).values("id", *PERMISSION_FIELDS).first()
    if found is None:
        raise NotFound(record="permission", id=permission_id)
    return found


def names_of(actor: Actor, membership_ids: Iterable[int]) -> dict[int, list[str]]:
    """What each member's roles are called, the one that stands for them first: keys of built-in roles, else names."""
    held: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = MembershipRole.objects.of(actor).filter(membership_id__in=list(membership_ids))
    for membership_id, key, name in rows.values_list("membership_id", "role__key", "role__name"):
        held[membership_id].append((key, name))
    return {
        membership_id: [key or name for key, name in sorted(found, key=lambda each: roles.rank(*each))]
        for membership_id, found in held.items()
    }


def held(actor: Actor) -> dict[str, Any]:
    """The roles of each of some members, for a file: `role` and `role_names` as `names_of` has them, and `is_admin`."""
    ranks = [When(role__key=key, then=place) for place, key in enumerate(roles.BUILT_IN)]
    rows = MembershipRole.objects.of(actor).filter(membership=OuterRef("pk"))
    ordered = rows.order_by(Case(*ranks, default=len(ranks)), "role__name")
    names = ordered.values(joined=Case(When(role__key="", then=F("role__name")), default=F("role__key")))
    return {
        "role": Subquery(names[:1]),
        "role_names": Joined(names),
        "is_admin": Exists(rows.filter(role__key=roles.ADMIN)),
    }


def permissions_of(actor: Actor, membership_id: int) -> list[str]:
    """The codenames of all that a member may do."""
    held = RolePermission.objects.of(actor).filter(role__memberships=membership_id)
    return sorted(set(held.values_list("permission__codename", flat=True)))


@dataclass(frozen=True, slots=True)
class Holders:
    """A role and how many members hold it."""

    key: str
    name: str
    users: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """How the rights of a workspace are spread: its roles, the most held first; permissions by what they are about."""

    roles: list[Holders]
    permissions: dict[str, int]


def statistics(actor: Actor) -> Statistics:
    """Counted now."""
    actor.require(VIEW)
    about = Permission.objects.of(actor).values_list("content_type").annotate(rows=Count("id")).order_by("content_type")
    return Statistics(holders(actor), {content_type or "other": rows for content_type, rows in about})


def holders(actor: Actor) -> list[Holders]:
    """Every role of the workspace, the most held first."""
    counts = _user_counts(actor)
    rows = Role.objects.of(actor).order_by("id").values_list("id", "key", "name")
    found = [Holders(key, name, counts[role_id]) for role_id, key, name in rows]
    return sorted(found, key=lambda role: -role.users)


def _user_counts(actor: Actor) -> Counter[int]:
    rows = MembershipRole.objects.of(actor).values_list("role_id").annotate(users=Count("id"))
    return Counter(dict(rows))


def _describe(actor: Actor, rows: list[dict[str, Any]]) -> None:
    counts = _user_counts(actor)
    held: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    links = RolePermission.objects.of(actor).filter(role_id__in=[row["id"] for row in rows]).order_by("permission_id")
    names = {name: F(f"permission__{name}") for name in ("name", "codename", "content_type")}
    for link in links.values("role_id", "permission_id", **names):
        held[link.pop("role_id")].append({"id": link.pop("permission_id"), **link})
    for row in rows:
        row["permissions"], row["user_count"] = held[row["id"]], counts[row["id"]]


def active_holders(actor: Actor, key: str) -> list[int]:
    """The ids of the active members who hold the built-in role of this key, in the order in which they joined."""
    holders = MembershipRole.objects.of(actor).filter(
        role__key=key, membership__is_active=True, membership__user__is_active=True
    )
    return list(holders.order_by("membership_id").values_list("membership__user_id", flat=True))
