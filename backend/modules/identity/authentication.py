"""Finding out who calls: by password, by access token, by refresh token."""

import logging
from dataclasses import dataclass, replace
from time import time
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import QuerySet

from backend.core import errors, folding, prepared, throttling
from backend.core.actor import Actor
from backend.core.errors import InvalidToken, PermissionDenied, Unauthenticated
from backend.modules.identity import api_keys, belonging, second_factors, throttles, tokens
from backend.modules.identity.models import Invitation, User, Workspace
from backend.modules.identity.tokens import Claims, TokenPair

logger = logging.getLogger(__name__)


class WrongCredentials(Unauthenticated):
    """No active user has this name and password. Which of the two is wrong is not said."""

    code = "wrong_credentials"


class NotAMember(PermissionDenied):
    """The password is right, and the user does not belong to the workspace they named."""

    code = "not_a_member"


class AccountDisabled(PermissionDenied):
    """The password is right, and the user may no longer act in any workspace."""

    code = "account_disabled"


def log_in(*, username: str, password: str) -> TokenPair:
    """Tokens for the user of this name in their oldest workspace; they may owe a second factor.

    Raises `WrongCredentials`, `AccountDisabled` and `TooManyAttempts`.
    """
    return _log_in_at_home(check_password(username, password))


def log_in_by_email(*, email: str, password: str) -> TokenPair:
    """The same, for the user of this address."""
    return _log_in_at_home(_check(email, User.objects.filter(email_key=folding.key(email)), password))


def log_in_to(workspace_id: int, *, email: str, password: str) -> tuple[User, str]:
    """The user of this address, and an access token for the workspace they name; it may owe a second factor.

    Raises `WrongCredentials` for a wrong address, password or workspace alike, `NotAMember` for a workspace that they
    do not belong to, `AccountDisabled` and `TooManyAttempts`.
    """
    user = _check(email, User.objects.filter(email_key=folding.key(email)), password)
    if user is None or not Workspace.objects.filter(pk=workspace_id).exists():
        raise WrongCredentials
    if not user.is_active:
        raise AccountDisabled
    if not belonging.is_member(user, workspace_id):
        raise NotAMember
    return user, _begin(user, workspace_id).access


def _log_in_at_home(user: User | None) -> TokenPair:
    if user is None:
        raise WrongCredentials
    home = belonging.home_of(user)
    if home is None or not user.is_active:
        raise AccountDisabled
    return _begin(user, home)


def _begin(user: User, workspace_id: int) -> TokenPair:
    """The tokens of a login. It is one that counts unless a second factor has to follow."""
    if second_factors.is_owed(user):
        return tokens.issue(user, workspace_id, second_factor_owed=True)
    _note_login(user, workspace_id)
    return tokens.issue(user, workspace_id)


def tokens_for(actor: Actor, user: User) -> TokenPair:
    """New tokens for who has just proved who they are, where they are: by a code, or by their password."""
    _note_login(user, cast(int, actor.workspace_id))
    return tokens.issue(user, cast(int, actor.workspace_id))


def _note_login(user: User, workspace_id: int) -> None:
    from backend.modules.identity.actions import users

    users.note_login(Actor(workspace_id=workspace_id, user_id=user.pk, username=user.username))


class RefreshTokenRefused(errors.Invalid):
    """The refresh token to revoke is broken, expired, revoked already, or somebody else's."""

    code = "refresh_token_refused"
    field = "refresh"


def log_out(actor: Actor, refresh_token: str) -> None:
    """End the caller's session: its refresh token is refused from now on, in every dialect.

    Raises `PermissionDenied` for who is no user, and `RefreshTokenRefused`.
    """
    user_id = actor.require_user()
    try:
        tokens.revoke_refresh(refresh_token, user_id=user_id)
    except InvalidToken:
        raise RefreshTokenRefused from None


def check_own_password(user: User, password: str) -> None:
    """Raises `WrongCredentials` unless it is this user's, `AccountDisabled` and `TooManyAttempts`."""
    if _check(user.email, User.objects.filter(pk=user.pk), password) is None:
        raise WrongCredentials
    if not user.is_active:
        raise AccountDisabled


def invitation_of(token_hash: str) -> Invitation | None:
    """The invitation that this hash of a token belongs to, whatever has become of it."""
    return Invitation.across_workspaces.filter(token_hash=token_hash).first()


def actor_of(pair: TokenPair) -> Actor:
    """Who the tokens of a login are for."""
    return _actor(tokens.read_access(pair.access))


def refresh(raw: str) -> str:
    """A new access token for a refresh token whose user may still act. Raises `InvalidToken`."""
    claims, access = tokens.read_refresh(raw)
    _actor(claims)
    return access


def bearer(raw: str) -> Actor:
    """The actor of an access token or an API key, with what they still owe. Raises `InvalidToken`."""
    return api_keys.actor(raw) if api_keys.looks_like_one(raw) else _actor(tokens.read_access(raw))


def session(raw: str) -> Claims:
    """What an access token says that is to count for longer than one request. Raises `InvalidToken`."""
    return tokens.read_access(raw)


def member_in(claims: Claims) -> Actor:
    """Who a session belongs to, with the rights that they have now. It costs one statement.

    Raises `InvalidToken` for one that is over: its time, its user's time here, or its password; that logged out, or
    began before a second factor was turned on; `SecondFactorOwed` and `PasswordChangeOwed`.
    """
    if claims.expires <= time():
        raise InvalidToken
    actor = _actor(claims, AND_SESSION_GOES_ON, claims.session)
    for debt in actor.owes:
        raise errors.DEBTS[debt]
    return actor


def check_password(username: str, password: str) -> User | None:
    """The user of this name, active or not, if the password is theirs.

    An unknown name takes as long as a wrong password. A published password opens nothing outside development.
    Raises `TooManyAttempts`.
    """
    return _check(username, User.objects.filter(username_key=folding.key(username)), password)


def _check(name: str, found: QuerySet[User], password: str) -> User | None:
    """The user that was found by this name, if the password is theirs.

    Too many wrong ones shut the name out for a while, known or not; until then no password is looked at, so the right
    one is refused as well. Raises `TooManyAttempts`.
    """
    attempt = throttling.attempt(throttles.LOGIN, name)
    user = found.first()
    if user is None:
        make_password(password)
        return None
    if not user.check_password(password):
        return None
    if password in settings.PUBLISHED_PASSWORDS and not settings.DEVELOPMENT:
        logger.warning("%s has a published password: set another with manage.py set_password", user.username)
        return None
    attempt.succeeded()
    return user


# One statement instead of two ORM objects: it runs with every request.
WHO_CALLS = """
SELECT u.username, u.password_stamp, u.must_change_password, w.time_zone, w.region, (
    SELECT {codenames} FROM membership_roles mr
    JOIN role_permissions rp ON rp.role_id = mr.role_id
    JOIN permissions p ON p.id = rp.permission_id
    WHERE mr.membership_id = m.id
)
FROM users u
JOIN memberships m ON m.user_id = u.id AND m.workspace_id = %s
JOIN workspaces w ON w.id = m.workspace_id
WHERE u.id = %s AND u.is_active AND m.is_active
"""
AND_SESSION_GOES_ON = """
AND NOT EXISTS (
    SELECT 1 FROM token_blacklist_outstandingtoken t
    LEFT JOIN token_blacklist_blacklistedtoken b ON b.token_id = t.id
    LEFT JOIN second_factors f ON f.user_id = t.user_id
    WHERE t.jti = %s AND (b.id IS NOT NULL OR f.confirmed_at > t.created_at)
)
"""
CODENAMES = {"postgresql": "string_agg(p.codename, ',')", "sqlite": "group_concat(p.codename)"}


def _actor(claims: Claims, condition: str = "", *parameters: str) -> Actor:
    found = _who(claims.workspace_id, claims.user_id, condition, *parameters)
    if found is None or found.stamp != claims.stamp:
        raise InvalidToken
    owed = {errors.SECOND_FACTOR: claims.second_factor_owed, errors.PASSWORD_CHANGE: found.must_change_password}
    return replace(found.actor, owes=frozenset(debt for debt, is_owed in owed.items() if is_owed))


def member(workspace_id: int, user_id: int) -> Actor:
    """Who asked for something earlier, with the rights that they have now. Raises `PermissionDenied` if none."""
    found = _who(workspace_id, user_id)
    if found is None:
        raise PermissionDenied(permission="self")
    return found.actor


@dataclass(frozen=True, slots=True)
class Caller:
    """An active member as they stand in the database now."""

    actor: Actor
    stamp: str
    must_change_password: bool


def _who(workspace_id: int, user_id: int, condition: str = "", *parameters: str) -> Caller | None:
    statement = WHO_CALLS.format(codenames=CODENAMES[connection.vendor]) + condition
    found = prepared.rows(statement, [workspace_id, user_id, *parameters])
    if not found:
        return None
    username, stamp, must_change_password, time_zone, region, codenames = found[0]
    actor = Actor(
        workspace_id=workspace_id,
        user_id=user_id,
        username=username,
        permissions=frozenset(codenames.split(",") if codenames else ()),
        time_zone=ZoneInfo(time_zone),
        region=region,
    )
    return Caller(actor, stamp, bool(must_change_password))


class PasswordBackend:
    """The same check for the admin's login form, which has a sentence for `TooManyAttempts`."""

    def authenticate(self, request: Any, username: str | None = None, password: str | None = None) -> User | None:
        user = check_password(username, password) if username and password else None
        return user if user and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
