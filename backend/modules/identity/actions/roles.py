"""The workspace's own roles and permissions. Which permissions there are from the start is said by the code."""

import re
from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction

from backend.core import folding, permissions
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.constraints import violates
from backend.core.errors import Conflict, Invalid
from backend.modules.identity import roles
from backend.modules.identity.models import MembershipRole, Permission, Role, RolePermission

MANAGE = permissions.declare("roles.manage", "Make and change roles and permissions")
# No full stop, which every built-in codename has: a later version's can't turn out to be somebody's own.
CODENAME = re.compile(r"[A-Za-z0-9_-]+")


class RoleNameTaken(Conflict):
    code = "role_name_taken"
    field = "name"


class RoleInUse(Conflict):
    """Somebody holds the role. Fact: `users`, how many."""

    code = "role_in_use"


class RoleIsBuiltIn(Conflict):
    """A built-in role is never deleted, and the administrator's holds every permission."""

    code = "role_is_built_in"


class PermissionIsBuiltIn(Conflict):
    """A permission that the program itself asks for is never deleted."""

    code = "permission_is_built_in"


class CodenameTaken(Conflict):
    code = "codename_taken"
    field = "codename"


class InvalidCodename(Invalid):
    """A codename has letters, digits, `_` and `-`; the full stop is for built-in ones."""

    code = "invalid_codename"
    field = "codename"


class UnknownPermissionId(Invalid):
    """The workspace has no permission of this id. Fact: `id`."""

    code = "unknown_permission_id"
    field = "permission_ids"


@action("role.create", needs=MANAGE)
def create(actor: Actor, *, name: str, description: str = "", permission_ids: Collection[int] = ()) -> Role:
    """A role with these permissions. Raises `RoleNameTaken`, `UnknownPermissionId`, and `PermissionDenied` for a
    permission that the actor doesn't hold."""
    role: Role = Role.objects.of(actor).new(name=name, description=description)
    _save(role)
    _hold(actor, role, permission_ids)
    return role


@action("role.update", needs=MANAGE)
def update(
    actor: Actor,
    role_id: int,
    *,
    name: str | None = None,
    description: str | None = None,
    permission_ids: Collection[int] | None = None,
) -> None:
    """Change what is given; `permission_ids` stand in place of those held, from the next request of each holder on.

    Raises as `create`, and `NotFound`, `Stale` and `RoleIsBuiltIn` (the administrators' permissions).
    """
    role: Role = Role.objects.of(actor).lock(role_id)
    role.name = role.name if name is None else name
    role.description = role.description if description is None else description
    holds_others = permission_ids is not None and _hold(actor, role, permission_ids)
    if holds_others or not role.is_unchanged:
        _save(role)


@action("role.add_permission", needs=MANAGE)
def add_permission(actor: Actor, role_id: int, *, permission_id: int) -> Permission:
    """Give a role one permission more; one that it holds already stays. Raises as `update`."""
    role: Role = Role.objects.of(actor).lock(role_id)
    permission = _named(actor, permission_id)
    if _hold(actor, role, {*_held(actor, role), permission_id}):
        role.save()
    return permission


@action("role.remove_permission", needs=MANAGE)
def remove_permission(actor: Actor, role_id: int, *, permission_id: int) -> None:
    """Take one permission from a role; one that it doesn't hold is none less. Raises as `update`."""
    role: Role = Role.objects.of(actor).lock(role_id)
    _named(actor, permission_id)
    if _hold(actor, role, _held(actor, role).keys() - {permission_id}):
        role.save()


@action("role.delete", needs=MANAGE)
def delete(actor: Actor, role_id: int) -> None:
    """Delete a role that nobody holds. Raises `NotFound`, `Stale`, `RoleInUse` and `RoleIsBuiltIn`."""
    role: Role = Role.objects.of(actor).lock(role_id)
    if users := MembershipRole.objects.of(actor).filter(role=role).count():
        raise RoleInUse(users=users)
    if role.key:
        raise RoleIsBuiltIn
    RolePermission.objects.of(actor).filter(role=role).delete()
    role.delete()


@action("permission.create", needs=MANAGE)
def create_permission(
    actor: Actor, *, name: str, codename: str, description: str = "", content_type: str = ""
) -> Permission:
    """A permission of the workspace's own, for its clients to ask for; administrators hold it at once.

    Raises `InvalidCodename` and `CodenameTaken`.
    """
    if not CODENAME.fullmatch(codename):
        raise InvalidCodename(value=codename)
    fields: dict[str, Any] = {"name": name, "description": description, "content_type": content_type}
    try:
        with transaction.atomic():
            permission: Permission = Permission.objects.of(actor).create(codename=codename, **fields)
    except IntegrityError as error:
        if violates(error, Permission, "permissions_codename"):
            raise CodenameTaken from None
        raise
    admin = Role.objects.of(actor).get(key=roles.ADMIN)
    RolePermission.objects.of(actor).create(role=admin, permission=permission)
    return permission


@action("permission.delete", needs=MANAGE)
def delete_permission(actor: Actor, permission_id: int) -> None:
    """Delete a permission of the workspace's own; every role loses it. Raises `NotFound` and `PermissionIsBuiltIn`."""
    permission: Permission = Permission.objects.of(actor).lock(permission_id)
    if permission.is_built_in:
        raise PermissionIsBuiltIn
    RolePermission.objects.of(actor).filter(permission=permission).delete()
    permission.delete()


def _held(actor: Actor, role: Role) -> dict[int, RolePermission]:
    return {each.permission_id: each for each in RolePermission.objects.of(actor).filter(role=role)}


def _hold(actor: Actor, role: Role, permission_ids: Collection[int]) -> bool:
    """Have the role hold exactly these, inside the caller's action; whether it held others before."""
    wanted = _known(actor, permission_ids)
    held = _held(actor, role)
    if wanted.keys() == held.keys():
        return False
    if role.key == roles.ADMIN:
        raise RoleIsBuiltIn
    for permission_id in held.keys() - wanted.keys():
        held[permission_id].delete()
    for permission_id in wanted.keys() - held.keys():
        actor.require(wanted[permission_id])
        RolePermission.objects.of(actor).create(role=role, permission_id=permission_id)
    return True


def _named(actor: Actor, permission_id: int) -> Permission:
    """The one permission that a call names. Raises `UnknownPermissionId`."""
    found = Permission.objects.of(actor).filter(pk=permission_id).first()
    if found is None:
        unknown = UnknownPermissionId(id=permission_id)
        unknown.field = "permission_id"
        raise unknown
    return found


def _known(actor: Actor, permission_ids: Collection[int]) -> dict[int, str]:
    """Each permission's codename. Raises `UnknownPermissionId`."""
    found = dict(Permission.objects.of(actor).filter(pk__in=permission_ids).values_list("pk", "codename"))
    for permission_id in permission_ids:
        if permission_id not in found:
            raise UnknownPermissionId(id=permission_id)
    return found


def _save(role: Role) -> None:
    """Raises `RoleNameTaken`, also for the key of a built-in role, which is another name of it."""
    if folding.key(role.name) in roles.BUILT_IN.keys() - {role.key}:
        raise RoleNameTaken
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError as error:
        if violates(error, Role, "roles_name"):
            raise RoleNameTaken from None
        raise
