"""Creating users, their passwords, and what changes their rights."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from backend.core import permissions, throttling
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from backend.modules.identity import roles, throttles
from backend.modules.identity.actions.workspaces import create_workspace
from backend.modules.identity.models import Membership, MembershipRole, Role, User, Workspace

ADD_USER = permissions.declare("users.add", "Create users")
CHANGE_USER = permissions.declare("users.change", "Change users")
ASSIGN_ROLE = permissions.declare("roles.assign", "Give and take roles")


class UsernameTaken(Conflict):
    code = "username_taken"
    field = "username"


class UserEmailTaken(Conflict):
    code = "user_email_taken"
    field = "email"


class RegistrationClosed(PermissionDenied):
    """Only who may create users registers somebody here."""

    code = "registration_closed"


class WeakPassword(Invalid):
    """The password is too short, too common or too much like its user. Fact: `reasons`."""

    code = "weak_password"
    field = "password"


class WrongPassword(Invalid):
    """The current password was given wrong."""

    code = "wrong_password"
    field = "current_password"


class PasswordUnchanged(Invalid):
    """The new password is the current one, which somebody else may have chosen."""

    code = "password_unchanged"
    field = "new_password"


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


@action("user.join")
def join(actor: Actor, user_id: int, *, role_ids: Collection[int]) -> None:
    """Give a user these roles of the actor's workspace, beside those of a member; a former one starts anew."""
    rows = Membership.objects.of(actor)
    membership = rows.select_for_update(of=("self",)).filter(user_id=user_id).first() or rows.new(user_id=user_id)
    held = MembershipRole.objects.of(actor).filter(membership_id=membership.pk)
    if not membership.is_active:
        held.delete()
        membership.is_active = True
    if membership.pk is None or not membership.is_unchanged:
        membership.save()
    had = set(held.values_list("role_id", flat=True))
    for role_id in set(role_ids) - had:
        MembershipRole.objects.of(actor).create(membership=membership, role_id=role_id)


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
    Whoever lets themselves in does so only so often, with or without success: that tells which names are taken.
    Raises `RegistrationClosed`, `PermissionDenied`, `TooManyAttempts`, `WeakPassword`, `UsernameTaken` and
    `UserEmailTaken`.
    """
    if caller is not None and (as_admin or caller.may(ADD_USER)):
        caller.require(ADD_USER)
        actor = caller
    elif as_admin or settings.REGISTRATION != "open":
        raise RegistrationClosed
    else:
        throttling.attempt(throttles.REGISTRATION, email)
        actor = Actor.system(Workspace.objects.order_by("id").values_list("pk", flat=True).first())
    check_strength(password, User(username=username, email=email, first_name=first_name, last_name=last_name))
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


def check_strength(password: str, user: User, *, field: str = "password") -> None:
    """Raises `WeakPassword` for one that is too short, too common or too much like its user."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        weak = WeakPassword(reasons=" ".join(error.messages))
        weak.field = field
        raise weak from None


@action("user.set_password", needs=CHANGE_USER)
def set_password(actor: Actor, user_id: int, *, password: str) -> None:
    """A new password for a member, with which they may log in at once. Their tokens end with it. Raises `NotFound`.

    One that somebody else chose has to be changed by its user.
    """
    user = _member(actor, user_id).user
    user.set_password(password)
    user.must_change_password = user.pk != actor.user_id
    user.save()
    transaction.on_commit(lambda: throttles.unlock(user))


@action("user.change_password")
def change_password(actor: Actor, *, current_password: str, new_password: str) -> User:
    """A new password for the caller, who knows the current one. All tokens of before end with it.

    Raises `PermissionDenied` for who is no user, `TooManyAttempts` (then no password is looked at), `WrongPassword`,
    `PasswordUnchanged` and `WeakPassword`.
    """
    user_id = actor.require_user()
    attempt = throttling.attempt(throttles.OWN_PASSWORD, str(user_id))
    user = User.objects.select_for_update().get(pk=user_id)
    if not user.check_password(current_password):
        raise WrongPassword
    attempt.succeeded()
    if new_password == current_password:
        raise PasswordUnchanged
    check_strength(new_password, user, field="new_password")
    user.set_password(new_password)
    user.save()
    return user


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
