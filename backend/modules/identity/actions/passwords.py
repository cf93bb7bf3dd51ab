"""Passwords: how strong one has to be, changing one, and choosing a new one after the old is forgotten."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from backend.core import folding, permissions, throttling
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Invalid
from backend.modules.identity import belonging, queries, throttles
from backend.modules.identity.actions import rights
from backend.modules.identity.models import Membership, RecoveryRequest, User
from backend.modules.notifications import actions as mail

CHANGE_USER = permissions.declare("users.change", "Change users")
LINK_HOLDS_FOR = timedelta(hours=1)
SALT = "crisol.password-recovery"


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


class RecoveryLinkInvalid(Invalid):
    """The link is none of ours, is too old, or was overtaken by a new password or address."""

    code = "recovery_link_invalid"
    field = "token"


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
    """A new password for a member, with which they may log in at once. Their tokens end with it.

    One that somebody else chose has to be changed by its user. Raises `NotFound`, `PermissionDenied` for a member
    beyond the actor, `NotYoursToChange` and `WeakPassword`.
    """
    membership, user = rights.locked_member(actor, user_id)
    choose_for(actor, membership, user, password=password, field="new_password")


def choose_for(actor: Actor, membership: Membership, user: User, *, password: str, field: str) -> None:
    """The same for a locked member, inside the caller's action; `field` is the argument that has the password."""
    actor.require(CHANGE_USER)
    rights.check_governs(actor, membership)
    rights.check_owns_person(actor, membership, user)
    check_strength(password, user, field=field)
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


def request_recovery(email: str) -> int:
    """Have a link mailed to this address with which its user chooses a new password, if it has one.

    Known or not, the address is only put into the queue here, so neither the answer nor its time tells which. Answers
    the request's id. Raises `TooManyAttempts`.
    """
    throttling.attempt(throttles.RECOVERY, email)
    return RecoveryRequest.objects.create(email=email).pk


@transaction.atomic
def answer_recovery(request_id: int) -> None:
    """Mail the link that was asked for, once, in the user's language or that of their oldest workspace."""
    request = RecoveryRequest.objects.select_for_update(skip_locked=True).filter(pk=request_id).first()
    if request is None:  # answered already, or by somebody else right now
        return
    user = User.objects.filter(email_key=folding.key(request.email), is_active=True).first()
    home = belonging.home_of(user) if user else None
    if user is not None and home is not None:
        _send_link(Actor.system(home), user, request)
    request.delete()


def _send_link(here: Actor, user: User, request: RecoveryRequest) -> None:
    claims = {"user": user.pk, "stamp": user.password_stamp, "email": user.email_key}
    mail.send(
        here,
        key=f"password-recovery/{request.pk}",
        recipient=user.email,
        template="password_recovery",
        language=queries.language_of(here, user),
        facts={"link": settings.PASSWORD_RESET_URL.format(token=signing.dumps(claims, salt=SALT))},
        is_secret=True,
    )


def forget_old_requests() -> int:
    """Drop what could not be answered while its link would have held; answers how many there were."""
    old = RecoveryRequest.objects.filter(created_at__lt=timezone.now() - LINK_HOLDS_FOR)
    return old.delete()[0]


def reset_password(*, token: str, new_password: str) -> None:
    """Choose a new password with the token of a link, once. All tokens of before end with it, a second factor stays.

    Raises `TooManyAttempts` from one address, `RecoveryLinkInvalid` and `WeakPassword`.
    """
    attempt = throttling.attempt(throttles.RECOVERY_LINK)
    try:
        claims = signing.loads(token, salt=SALT, max_age=LINK_HOLDS_FOR)
    except signing.BadSignature:
        raise RecoveryLinkInvalid from None
    user = User.objects.filter(pk=claims["user"]).first()
    home = belonging.home_of(user) if user else None
    if user is None or home is None:
        raise RecoveryLinkInvalid
    own = Actor(workspace_id=home, user_id=user.pk, username=user.username)
    _reset(own, stamp=claims["stamp"], email_key=claims["email"], new_password=new_password)
    attempt.succeeded()


@action("user.reset_password")
def _reset(actor: Actor, *, stamp: str, email_key: str, new_password: str) -> None:
    """Of two with the same link one comes first: the other finds another stamp."""
    user = User.objects.select_for_update().get(pk=actor.user_id)
    if not user.is_active or (user.password_stamp, user.email_key) != (stamp, email_key):
        raise RecoveryLinkInvalid
    check_strength(new_password, user, field="new_password")
    user.set_password(new_password)
    user.save()
    transaction.on_commit(lambda: throttles.unlock(user))
