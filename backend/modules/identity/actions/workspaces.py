"""Creating workspaces, and what each one has from the start."""

from collections.abc import Callable
from zoneinfo import available_timezones

import phonenumbers

from backend.core import permissions
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Invalid
from backend.modules.identity import roles
from backend.modules.identity.models import (
    Language,
    Membership,
    MembershipRole,
    Permission,
    Role,
    RolePermission,
    Workspace,
)

ADD_WORKSPACE = permissions.declare("workspaces.add", "Create workspaces")

_furnishings: list[Callable[[Actor], None]] = []


def furnish_with(furnish: Callable[[Actor], None]) -> None:
    """Have `furnish` called for every workspace, when it is made and after each migration.

    It makes what another module needs there, and leaves alone what is there already.
    """
    _furnishings.append(furnish)


class UnknownTimeZone(Invalid):
    code = "unknown_time_zone"
    field = "time_zone"


class UnknownRegion(Invalid):
    code = "unknown_region"
    field = "region"


@action("workspace.create", needs=ADD_WORKSPACE)
def create_workspace(
    actor: Actor,
    *,
    name: str,
    time_zone: str = "America/Lima",
    region: str = "PE",
    language: str = Language.SPANISH,
) -> Workspace:
    """A workspace with the built-in permissions and roles, and who creates it as its administrator.

    `time_zone` is a name of the IANA's, `region` a country's two letters. An API key creates none.
    Raises `PermissionDenied`, `UnknownTimeZone` and `UnknownRegion`.
    """
    if time_zone not in available_timezones():
        raise UnknownTimeZone(value=time_zone)
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise UnknownRegion(value=region)
    creator_id = None if actor.is_system else actor.require_user()
    workspace = Workspace(name=name, time_zone=time_zone, region=region, language=language)
    workspace.save()
    _furnish(workspace.pk)
    if creator_id is not None:
        _add_administrator(Actor.system(workspace.pk), creator_id)
    return workspace


def _add_administrator(here: Actor, user_id: int) -> None:
    membership = Membership.objects.of(here).create(user_id=user_id)
    admin = Role.objects.of(here).get(key=roles.ADMIN)
    MembershipRole.objects.of(here).create(membership=membership, role=admin)


@action("workspace.refurnish", needs=ADD_WORKSPACE)
def refurnish_workspace(actor: Actor, *, workspace_id: int) -> None:
    """Give a workspace the permissions, roles and stages that its version of the program did not have yet.

    What an administrator took from a role stays taken: only permissions new to the workspace are given out.
    """
    _furnish(workspace_id)


def _furnish(workspace_id: int) -> None:
    _fill_catalogue(workspace_id)
    for furnish in _furnishings:
        furnish(Actor.system(workspace_id))


def _fill_catalogue(workspace_id: int) -> None:
    here = Actor.system(workspace_id)
    known = set(Permission.objects.of(here).values_list("codename", flat=True))
    new = [
        Permission(
            workspace_id=workspace_id,
            codename=each.codename,
            name=each.name,
            content_type=each.content_type,
            is_built_in=True,
        )
        for each in permissions.catalogue.values()
        if each.codename not in known
    ]
    added = {row.codename: row for row in Permission.objects.of(here).bulk_create(new)}
    built_in = {role.key: role for role in Role.objects.of(here).exclude(key="")}
    for key, (name, description) in roles.BUILT_IN.items():
        role = built_in.get(key) or Role.objects.of(here).create(key=key, name=name, description=description)
        RolePermission.objects.of(here).bulk_create(
            RolePermission(workspace_id=workspace_id, role=role, permission=permission)
            for codename, permission in added.items()
            if key in permissions.catalogue[codename].roles
        )
