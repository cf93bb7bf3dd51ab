"""Finding out who calls: by password, by access token, by refresh token."""

import logging
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import QuerySet

from backend.core import errors, folding, prepared, throttling
from backend.core.actor import Actor
from backend.core.errors import InvalidToken, PermissionDenied, Unauthenticated
from backend.modules.identity import api_keys, throttles, tokens
from backend.modules.identity.models import Invitation, Membership, User, Workspace
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
    """Tokens for the user in their oldest workspace.

    Raises `WrongCredentials`, `AccountDisabled` and `TooManyAttempts`.
    """
    user = check_password(username, password)
    if user is None:
        raise WrongCredentials
    membership = Membership.across_workspaces.filter(user=user, is_active=True).order_by("id").first()
    if membership is None or not user.is_active:
        raise AccountDisabled
    return tokens.issue(user, membership.workspace_id)


def log_in_to(workspace_id: int, *, email: str, password: str) -> tuple[User, str]:
    """The user of this address, and an access token for the workspace they name.

    Raises `WrongCredentials` for a wrong address, password or workspace alike, `NotAMember` for a workspace that they
    do not belong to, `AccountDisabled` and `TooManyAttempts`.
    """
    user = _check(email, User.objects.filter(email_key=folding.key(email)), password)
    if user is None or not Workspace.objects.filter(pk=workspace_id).exists():
        raise WrongCredentials
    if not user.is_active:
        raise AccountDisabled
    if not Membership.across_workspaces.filter(user=user, workspace_id=workspace_id, is_active=True).exists():
        raise NotAMember
    return user, tokens.issue(user, workspace_id).access


def token_for(actor: Actor, user: User) -> str:
    """A new access token for who has just changed their password, where they are."""
    return tokens.issue(user, cast(int, actor.workspace_id)).access


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
        logger.warning("%s has a published password: set another with manage.py changepassword", user.username)
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
CODENAMES = {"postgresql": "string_agg(p.codename, ',')", "sqlite": "group_concat(p.codename)"}


def _actor(claims: Claims) -> Actor:
    statement = WHO_CALLS.format(codenames=CODENAMES[connection.vendor])
    found = prepared.rows(statement, [claims.workspace_id, claims.user_id])
    if not found or found[0][1] != claims.stamp:
        raise InvalidToken
    username, _, must_change_password, time_zone, region, codenames = found[0]
    owed = {errors.SECOND_FACTOR: claims.second_factor_owed, errors.PASSWORD_CHANGE: must_change_password}
    return Actor(
        workspace_id=claims.workspace_id,
        user_id=claims.user_id,
        username=username,
        permissions=frozenset(codenames.split(",") if codenames else ()),
        time_zone=ZoneInfo(time_zone),
        region=region,
        owes=frozenset(debt for debt, is_owed in owed.items() if is_owed),
    )


class PasswordBackend:
    """The same check for the admin's login form, which has a sentence for `TooManyAttempts`."""

    def authenticate(self, request: Any, username: str | None = None, password: str | None = None) -> User | None:
        user = check_password(username, password) if username and password else None
        return user if user and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
