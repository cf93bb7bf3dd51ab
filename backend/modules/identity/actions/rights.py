"""Who holds which roles, and the rules that keep anybody from getting, or giving away, more than they have.

Nobody gives a right that they don't hold themselves, nobody changes their own roles, nobody governs somebody who may do
more than they do, and no workspace is left without an administrator.
"""

from collections.abc import Collection, Iterable

from backend.core import folding, permissions, preconditions, turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from backend.core.recording import Change
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.identity import belonging, roles
from backend.modules.identity.models import Membership, MembershipRole, Role, RolePermission, User

ASSIGN_ROLE = permissions.declare("roles.assign", "Give and take roles")


class UnknownRole(Invalid):
    """The workspace has no role of this key, name or id. Fact: `value`."""

    code = "unknown_role"
    field = "roles"


class OwnRights(PermissionDenied):
    """Nobody changes their own roles, deactivates or deletes themselves: another administrator does."""

    code = "own_rights"


class NotYoursToChange(PermissionDenied):
    """The name, address, password and second factor of who belongs to other workspaces too are theirs alone."""

    code = "not_yours_to_change"


class LastAdministrator(Conflict):
    """The workspace would be left without an active administrator."""

    code = "last_administrator"


def named(actor: Actor, name: str, *, field: str = "roles") -> Role:
    """The role of this key or name, in any case. Raises `UnknownRole`, which is about the argument `field`."""
    found = {folding.key(role.name): role for role in Role.objects.of(actor)}
    found |= {role.key: role for role in found.values() if role.key}
    role = found.get(folding.key(name))
    if role is None:
        raise _unknown(name, field)
    return role


def _unknown(value: str | int, field: str) -> UnknownRole:
    error = UnknownRole(value=value)
    error.field = field
    return error


def check_gives(actor: Actor, role: Role) -> None:
    """Raises `PermissionDenied` for a role with a permission that the actor doesn't hold.

    `user` is the least of the roles: whoever may let people in may give it.
    """
    if role.key == roles.USER:
        return
    held = RolePermission.objects.of(actor).filter(role=role)
    for codename in held.values_list("permission__codename", flat=True):
        actor.require(codename)


def check_governs(actor: Actor, membership: Membership) -> None:
    """Raises `PermissionDenied` for somebody who may do something that the actor may not."""
    held = RolePermission.objects.of(actor).filter(role__memberships=membership)
    for codename in held.values_list("permission__codename", flat=True):
        actor.require(codename)


def check_owns_person(actor: Actor, membership: Membership, user: User) -> None:
    """Raises `NotYoursToChange` for a person whom the actor's workspace has not for itself alone."""
    if actor.is_system or user.pk == actor.user_id:
        return
    if user.is_superuser or belonging.belongs_elsewhere(user, membership.workspace_id):
        raise NotYoursToChange


def locked_member(actor: Actor, user_id: int) -> tuple[Membership, User]:
    """A member and their user, locked, after the caller's `If-Match` was compared. Raises `NotFound` and `Stale`.

    Two who change each other come one after the other: each has the other's row, and the ledger refers to their own.
    """
    if user_id != actor.user_id:
        turns.take(actor.workspace_id, "members")
    membership = Membership.objects.of(actor).select_for_update(of=("self",)).filter(user_id=user_id).first()
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if membership is None or user is None:
        raise NotFound(record="user", id=user_id)
    preconditions.compare(membership.version + user.version)
    return membership, user


@action("user.set_roles", needs=ASSIGN_ROLE)
def set_roles(actor: Actor, user_id: int, *, role_names: Collection[str]) -> None:
    """Give a member exactly the roles of these keys or names; from the next request on.

    Raises `NotFound`, `UnknownRole`, `OwnRights`, `LastAdministrator`, and `PermissionDenied` for a role or a member
    beyond the actor.
    """
    membership, _ = locked_member(actor, user_id)
    replace_roles(actor, membership, [named(actor, name) for name in role_names])


@action("user.assign_role", needs=ASSIGN_ROLE)
def assign_role(actor: Actor, user_id: int, *, role_id: int) -> MembershipRole:
    """Give a member this role in place of those they hold; from the next request on. Raises as `set_roles`."""
    membership, _ = locked_member(actor, user_id)
    role = Role.objects.of(actor).select_for_update(of=("self",), no_key=True).filter(pk=role_id).first()
    if role is None:
        raise _unknown(role_id, "role_id")
    replace_roles(actor, membership, [role])
    return MembershipRole.objects.of(actor).select_related("role").get(membership=membership, role=role)


def set_main_role(actor: Actor, membership: Membership, role: Role) -> None:
    """Have the member hold this role alone, inside the caller's action, unless it is the one they are shown with."""
    held = [each.role for each in MembershipRole.objects.of(actor).select_related("role").filter(membership=membership)]
    main = min(held, key=lambda each: roles.rank(each.key, each.name), default=None)
    if main != role:
        replace_roles(actor, membership, [role])


def replace_roles(actor: Actor, membership: Membership, wanted: Iterable[Role]) -> None:
    """Give and take what differs, inside the caller's action. What a member keeps stays assigned as it was."""
    new = {role.pk: role for role in wanted}
    held = {each.role_id: each for each in MembershipRole.objects.of(actor).filter(membership=membership)}
    if new.keys() == held.keys():
        return
    actor.require(ASSIGN_ROLE)
    if membership.user_id == actor.user_id:
        raise OwnRights
    check_governs(actor, membership)
    for role_id in held.keys() - new.keys():
        held[role_id].delete()
    for role_id in new.keys() - held.keys():
        give(actor, membership, new[role_id])
    membership.save()  # a new version of the member


def give(actor: Actor, membership: Membership, role: Role) -> None:
    """Give one role to who doesn't hold it. Raises `PermissionDenied` for one that goes beyond the actor."""
    check_gives(actor, role)
    MembershipRole.objects.of(actor).create(membership=membership, role=role)


def keep_an_administrator(actor: Actor, action: str, changes: list[Change]) -> None:
    """Before any action commits that took an administrator away: raises `LastAdministrator` if they were the last.

    Of two at once the second waits here for the first and sees what it did. The server itself is let through.
    """
    if actor.is_system:
        return
    for workspace_id in {each for change in changes for each in _lost_one(change)}:
        turns.take(workspace_id, "administrators")
        rows = _administrators(workspace_id)
        if not rows.filter(membership__is_active=True, membership__user__is_active=True).exists():
            raise LastAdministrator


def _lost_one(change: Change) -> list[int]:
    """The workspaces that have an administrator less by this change. Who is deleted loses their roles first."""
    place = change.workspace_id
    if place is not None and change.model is MembershipRole and change.kind == "deleted":
        role = Role.objects.of(Actor.system(place)).filter(pk=change.old["role_id"], key=roles.ADMIN)
        return [place] if role.exists() else []
    if change.kind != "updated" or change.new.get("is_active") is not False:
        return []
    if place is not None and change.model is Membership:
        return [place] if _administrators(place).filter(membership_id=change.record_id).exists() else []
    return belonging.workspaces_administered_by(change.record_id) if change.model is User else []


def _administrators(workspace_id: int) -> WorkspaceQuerySet:
    return MembershipRole.objects.of(Actor.system(workspace_id)).filter(role__key=roles.ADMIN)
