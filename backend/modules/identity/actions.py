"""Creating workspaces and users, and what changes a user's rights."""

from collections.abc import Callable, Collection
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from backend.core import permissions
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from backend.modules.identity import roles
from backend.modules.identity.models import (
    Membership,
    MembershipRole,
    Permission,
    Role,
    RolePermission,
    User,
    Workspace,
)

ADD_WORKSPACE = permissions.declare("workspaces.add", "Create workspaces")
ADD_USER = permissions.declare("users.add", "Create users")
CHANGE_USER = permissions.declare("users.change", "Change users")
ASSIGN_ROLE = permissions.declare("roles.assign", "Give and take roles")


class UsernameTaken(Conflict):
    code = "username_taken"
    field = "username"


class UserEmailTaken(Conflict):
    code = "user_email_taken"
    field = "email"


_furnishings: list[Callable[[Actor], None]] = []


def furnish_with(furnish: Callable[[Actor], None]) -> None:
    """Have `furnish` called for every workspace, when it is made and after each migration.

    It makes what another module needs there, and leaves alone what is there already.
    """
    _furnishings.append(furnish)


class RegistrationClosed(PermissionDenied):
    """Only who may create users registers somebody here."""

    code = "registration_closed"


class WeakPassword(Invalid):
    """The password is too short, too common or too much like its user. Fact: `reasons`."""

    code = "weak_password"
    field = "password"


@action("workspace.create", needs=ADD_WORKSPACE)
def create_workspace(actor: Actor, *, name: str, time_zone: str = "America/Lima", region: str = "PE") -> Workspace:
    """A workspace with the built-in permissions and roles."""
    workspace = Workspace(name=name, time_zone=time_zone, region=region)
    workspace.save()
    _furnish(workspace.pk)
    return workspace


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


@action("user.create", needs=ADD_USER)
def create_user(
    actor: Actor,
    *,
    username: str,
    email: str,
    password: str | None,
    first_name: str = "",
    last_name: str = "",
    role_keys: Collection[str] = (roles.USER,),
    **flags: Any,
) -> User:
    """A user who is a member of the actor's workspace with the built-in roles `role_keys`.

    Without a password nobody can log in as them. Raises `UsernameTaken` and `UserEmailTaken`.
    """
    user = User(username=username, email=email, first_name=first_name, last_name=last_name, **flags)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise _taken(error) from None
    membership = Membership.objects.of(actor).create(user=user)
    _give(actor, membership, role_keys)
    return user


def _taken(error: IntegrityError) -> Exception:
    if "username_key" in str(error):
        return UsernameTaken()
    return UserEmailTaken() if "email_key" in str(error) else error


def _give(actor: Actor, membership: Membership, role_keys: Collection[str]) -> None:
    for role in Role.objects.of(actor).filter(key__in=role_keys):
        MembershipRole.objects.of(actor).create(membership=membership, role=role)


def create_superuser(*, username: str, email: str, password: str | None, **fields: Any) -> User:
    """An administrator of the first workspace (made if there is none) who may also use the admin over all of them."""
    first = Workspace.objects.order_by("id").first()
    workspace = first or create_workspace(Actor.system(None), name="Crisol")
    return create_user(
        Actor.system(workspace.pk),
        username=username,
        email=email,
        password=password,
        role_keys=[roles.ADMIN],
        **{"is_staff": True, "is_superuser": True} | fields,
    )


def register(
    caller: Actor | None,
    *,
    username: str,
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    as_admin: bool = False,
) -> tuple[Actor, User]:
    """A new user, and the actor that made them.

    They come into the caller's workspace, or, where registration is open, into the first one. Where it is by
    invitation, and for an administrator everywhere, the caller needs `users.add`.
    Raises `RegistrationClosed`, `PermissionDenied`, `WeakPassword`, `UsernameTaken` and `UserEmailTaken`.
    """
    if caller is not None and (as_admin or caller.may(ADD_USER)):
        caller.require(ADD_USER)
        actor = caller
    elif as_admin or settings.REGISTRATION != "open":
        raise RegistrationClosed
    else:
        actor = Actor.system(Workspace.objects.order_by("id").values_list("pk", flat=True).first())
    _check_strength(password, User(username=username, email=email, first_name=first_name, last_name=last_name))
    user = create_user(
        actor,
        username=username,
        email=email,
        password=password,
        first_name=first_name,
        last_name=last_name,
        role_keys=[roles.ADMIN if as_admin else roles.SALES],
    )
    return actor, user


def _check_strength(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(reasons=" ".join(error.messages)) from None


@action("user.set_password", needs=CHANGE_USER)
def set_password(actor: Actor, user_id: int, *, password: str) -> None:
    """A new password for a member. Their tokens end with it. Raises `NotFound`."""
    user = _member(actor, user_id).user
    user.set_password(password)
    user.save()


@action("user.set_active", needs=CHANGE_USER)
def set_active(actor: Actor, user_id: int, *, is_active: bool) -> None:
    """Let a member act in the workspace, or not; from the next request on. Raises `NotFound`."""
    membership = _member(actor, user_id)
    membership.is_active = is_active
    membership.save()


@action("user.set_roles", needs=ASSIGN_ROLE)
def set_roles(actor: Actor, user_id: int, *, role_keys: Collection[str]) -> None:
    """Give a member exactly these built-in roles; from the next request on. Raises `NotFound`."""
    membership = _member(actor, user_id)
    MembershipRole.objects.of(actor).filter(membership=membership).delete()
    _give(actor, membership, role_keys)


def _member(actor: Actor, user_id: int) -> Membership:
    rows = Membership.objects.of(actor).select_related("user").select_for_update(of=("self",))
    membership = rows.filter(user_id=user_id).first()
    if membership is None:
        raise NotFound(record="user", id=user_id)
    return membership
