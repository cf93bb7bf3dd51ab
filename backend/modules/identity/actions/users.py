"""Letting people into a workspace, changing what is known of them, letting them go."""

import secrets
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.core import folding, permissions, throttling
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Conflict, PermissionDenied
from backend.modules.identity import belonging, roles, throttles
from backend.modules.identity.actions import passwords, rights
from backend.modules.identity.actions.passwords import CHANGE_USER
from backend.modules.identity.actions.workspaces import create_workspace
from backend.modules.identity.models import Membership, MembershipRole, User, Workspace

ADD_USER = permissions.declare("users.add", "Create users")
DELETE_USER = permissions.declare("users.delete", "Delete users")
LONGEST_NAME = 150  # of a user, and of who acts in the ledger
OWN_PROFILE = frozenset({"first_name", "last_name", "phone", "date_of_birth", "gender", "city"})


class Person(TypedDict, total=False):
    """What is known of a user, whichever workspaces they belong to."""

    first_name: str
    last_name: str
    phone: str
    date_of_birth: date | None
    gender: str
    city: str


class UsernameTaken(Conflict):
    code = "username_taken"
    field = "username"


class UserEmailTaken(Conflict):
    code = "user_email_taken"
    field = "email"


class RegistrationClosed(PermissionDenied):
    """Only who may create users registers somebody here."""

    code = "registration_closed"


@action("user.create", needs=ADD_USER)
def create_user(
    actor: Actor,
    *,
    username: str,
    email: str,
    password: str | None,
    role_names: Collection[str] = (roles.USER,),
    is_active: bool = True,
    **person: Any,
) -> User:
    """A user who is a member of the actor's workspace with the roles of these keys or names.

    Without a password nobody can log in as them; one that is given is not judged. `is_active` is the membership's.
    Raises `UsernameTaken`, `UserEmailTaken`, `UnknownRole`, and `PermissionDenied` for a role beyond the actor.
    """
    given = [rights.named(actor, name) for name in role_names]
    user = User(username=username, email=email, **person)
    user.set_password(password)
    _save(user)
    membership = Membership.objects.of(actor).create(user=user, is_active=is_active)
    for role in given:
        rights.give(actor, membership, role)
    return user


def add(
    actor: Actor,
    *,
    email: str,
    password: str,
    username: str | None = None,
    role_name: str = roles.USER,
    is_active: bool = True,
    **person: Unpack[Person],
) -> User:
    """A user; without a user name they are known by their address. Raises as `create_user`, and `WeakPassword`."""
    actor.require(ADD_USER)
    rights.named(actor, role_name, field="role_name")
    username = username or free_username(email)
    passwords.check_strength(password, User(username=username, email=email, **person))
    return create_user(
        actor,
        username=username,
        email=email,
        password=password,
        role_names=[role_name],
        is_active=is_active,
        **person,
    )


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


def create_superuser(*, username: str, email: str, password: str | None, **fields: Any) -> User:
    """An administrator of the first workspace (made if there is none) who may also use the admin over all of them."""
    first = Workspace.objects.order_by("id").first()
    workspace = first or create_workspace(Actor.system(None), name="Crisol")
    return create_user(
        Actor.system(workspace.pk),
        username=username,
        email=email,
        password=password,
        role_names=[roles.ADMIN],
        **{"is_staff": True, "is_superuser": True} | fields,
    )


def register(
    caller: Actor | None,
    *,
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    role_name: str,
    username: str | None = None,
) -> tuple[Actor, User]:
    """A new user, and the actor that made them. Without a user name they are known by their address.

    They come into the caller's workspace, or, where registration is open, into the first one; before there is any it
    is closed. Where it is by invitation, and for an administrator everywhere, the caller needs `users.add`.
    Whoever lets themselves in does so only so often, with or without success: that tells which names are taken.
    Raises `RegistrationClosed`, `PermissionDenied`, `TooManyAttempts`, `WeakPassword`, `UsernameTaken` and
    `UserEmailTaken`.
    """
    as_admin = role_name == roles.ADMIN
    if caller is not None and (as_admin or caller.may(ADD_USER)):
        caller.require(ADD_USER)
        actor = caller
    elif as_admin or settings.REGISTRATION != "open":
        raise RegistrationClosed
    else:
        throttling.attempt(throttles.REGISTRATION, email)
        first = Workspace.objects.order_by("id").values_list("pk", flat=True).first()
        if first is None:
            raise RegistrationClosed
        actor = Actor.system(first)
    username = username or free_username(email)
    person: Person = {"first_name": first_name, "last_name": last_name}
    passwords.check_strength(password, User(username=username, email=email, **person))
    return actor, create_user(
        actor, username=username, email=email, password=password, role_names=[role_name], **person
    )


@action("user.update")
def update(
    actor: Actor,
    user_id: int,
    *,
    email: str | None = None,
    role_name: str | None = None,
    is_active: bool | None = None,
    password: str | None = None,
    **person: Unpack[Person],
) -> None:
    """Change a member; from the next request on.

    Everybody may change their own name, phone and profile; the rest, and others, need `users.change`, and a role
    `roles.assign` as well. What is sent as it stands already is no change. `role_name` stands in place of the roles
    held; a `password` that somebody else chose has to be changed by its user, and ends their sessions. All of it
    happens or nothing. Raises `NotFound`, `Stale`, `UserEmailTaken`, `UnknownRole`, `OwnRights`, `NotYoursToChange`,
    `WeakPassword`, `LastAdministrator`, and `PermissionDenied` for a member or a role beyond the actor.
    """
    if user_id != actor.user_id:
        actor.require(CHANGE_USER)
    membership, user = rights.locked_member(actor, user_id)
    given = dict(person) if email is None else {"email": email, **person}
    changed = {name: value for name, value in given.items() if getattr(user, name) != value}
    if changed:
        _change_person(actor, membership, user, changed)
    if password is not None:
        passwords.choose_for(actor, membership, user, password=password, field="password")
    if is_active not in (None, membership.is_active and user.is_active):
        _activate(actor, membership, is_active=is_active)
    if role_name is not None:
        rights.set_main_role(actor, membership, rights.named(actor, role_name, field="role_name"))


def _change_person(actor: Actor, membership: Membership, user: User, changed: dict[str, Any]) -> None:
    if user.pk != actor.user_id or changed.keys() - OWN_PROFILE:
        actor.require(CHANGE_USER)
    rights.check_governs(actor, membership)
    rights.check_owns_person(actor, membership, user)
    is_known_by_address = user.username == user.email
    for name, value in changed.items():
        setattr(user, name, value)
    if is_known_by_address and "email" in changed:
        user.username = free_username(user.email, user_id=user.pk)
    _save(user)


@action("user.set_active", needs=CHANGE_USER)
def set_active(actor: Actor, user_id: int, *, is_active: bool) -> None:
    """Let a member act in the workspace, or not; from the next request on. Raises as `update`."""
    membership, _ = rights.locked_member(actor, user_id)
    _activate(actor, membership, is_active=is_active)


def _activate(actor: Actor, membership: Membership, *, is_active: bool) -> None:
    actor.require(CHANGE_USER)
    if membership.user_id == actor.user_id:
        raise rights.OwnRights
    rights.check_governs(actor, membership)
    membership.is_active = is_active
    membership.save()


@action("user.delete", needs=DELETE_USER)
def delete(actor: Actor, user_id: int) -> None:
    """Let a member go: what they wrote keeps their name. Who belongs to no other workspace can't log in any more.

    Their name and address are free then, for another user. Raises `NotFound`, `Stale`, `OwnRights`,
    `LastAdministrator`, and `PermissionDenied` for a member beyond the actor.
    """
    membership, user = rights.locked_member(actor, user_id)
    if user_id == actor.user_id:
        raise rights.OwnRights
    rights.check_governs(actor, membership)
    MembershipRole.objects.of(actor).filter(membership=membership).delete()
    membership.delete()
    if not user.is_superuser and not belonging.belongs_elsewhere(user, membership.workspace_id):
        user.is_active, user.deleted_at = False, timezone.now()
        user.save()


@action("user.note_login")
def note_login(actor: Actor) -> None:
    """Keep when the caller has last logged in. Of two at once one does it, the other need not wait."""
    rows: Iterable[Membership] = (
        Membership.objects.of(actor).select_for_update(of=("self",), skip_locked=True).filter(user_id=actor.user_id)
    )
    for membership in rows:
        membership.last_login_at = timezone.now()
        membership.save()


def free_username(email: str, *, user_id: int | None = None) -> str:
    """The address itself, or, where it is too long or somebody else's name, its beginning with something random."""
    others = User.objects.exclude(pk=user_id)
    if len(email) <= LONGEST_NAME and not others.filter(username_key=folding.key(email)).exists():
        return email
    return f"{email.partition('@')[0][:130]}-{secrets.token_hex(4)}"


def _save(user: User) -> None:
    """Raises `UsernameTaken` and `UserEmailTaken`."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        if "email_key" in str(error) or _has_address_of_another(user):
            raise UserEmailTaken from None
        if "username_key" in str(error):
            raise UsernameTaken from None
        raise


def _has_address_of_another(user: User) -> bool:
    """Of two at once who are known by one address, the second is stopped at its user name already."""
    others = User.objects.filter(email_key=user.email_key).exclude(pk=user.pk)
    return user.username == user.email and others.exists()
