"""Finding out who calls: by password, by access token, by refresh token."""

import logging
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection

from backend.core import folding
from backend.core.actor import Actor
from backend.core.errors import InvalidToken, PermissionDenied, Unauthenticated
from backend.modules.identity import tokens
from backend.modules.identity.models import Membership, User
from backend.modules.identity.tokens import Claims, TokenPair

logger = logging.getLogger(__name__)


class WrongCredentials(Unauthenticated):
    """No active user has this name and password. Which of the two is wrong is not said."""

    code = "wrong_credentials"


class AccountDisabled(PermissionDenied):
    """The password is right, and the user may no longer act in any workspace."""

    code = "account_disabled"


class SecondFactorOwed(Unauthenticated):
    """The password was right; a second factor has to follow before anything else."""

    code = "second_factor_owed"


def log_in(*, username: str, password: str) -> TokenPair:
    """Tokens for the user in their oldest workspace. Raises `WrongCredentials` and `AccountDisabled`."""
    user = check_password(username, password)
    if user is None:
        raise WrongCredentials
    membership = Membership.across_workspaces.filter(user=user, is_active=True).order_by("id").first()
    if membership is None or not user.is_active:
        raise AccountDisabled
    return tokens.issue(user, membership.workspace_id)


def actor_of(pair: TokenPair) -> Actor:
    """Who the tokens of a login are for."""
    return _actor(tokens.read_access(pair.access))


def refresh(raw: str) -> str:
    """A new access token for a refresh token whose user may still act. Raises `InvalidToken`."""
    claims, access = tokens.read_refresh(raw)
    _actor(claims)
    return access


def bearer(raw: str) -> Actor:
    """The actor of an access token. Raises `InvalidToken`, and `SecondFactorOwed`."""
    claims = tokens.read_access(raw)
    actor = _actor(claims)
    if claims.second_factor_owed:
        raise SecondFactorOwed
    return actor


def check_password(username: str, password: str) -> User | None:
    """The user of this name, active or not, if the password is theirs.

    An unknown name takes as long as a wrong password. A published password opens nothing outside development.
    """
    user = User.objects.filter(username_key=folding.key(username)).first()
    if user is None:
        make_password(password)
        return None
    if not user.check_password(password):
        return None
    if password in settings.PUBLISHED_PASSWORDS and not settings.DEVELOPMENT:
        logger.warning("%s has a published password: set another with manage.py changepassword", user.username)
        return None
    return user


# One statement instead of two ORM objects: it runs with every request.
WHO_CALLS = """
SELECT u.username, u.password_stamp, w.time_zone, w.region, {codenames}
FROM users u
JOIN memberships m ON m.user_id = u.id AND m.workspace_id = %s
JOIN workspaces w ON w.id = m.workspace_id
LEFT JOIN membership_roles mr ON mr.membership_id = m.id
LEFT JOIN role_permissions rp ON rp.role_id = mr.role_id
LEFT JOIN permissions p ON p.id = rp.permission_id
WHERE u.id = %s AND u.is_active AND m.is_active
GROUP BY u.username, u.password_stamp, w.time_zone, w.region
"""
CODENAMES = {"postgresql": "string_agg(DISTINCT p.codename, ',')", "sqlite": "group_concat(DISTINCT p.codename)"}


def _actor(claims: Claims) -> Actor:
    with connection.cursor() as cursor:
        statement = WHO_CALLS.format(codenames=CODENAMES[connection.vendor])
        cursor.execute(statement, [claims.workspace_id, claims.user_id])
        row = cursor.fetchone()
    if row is None or row[1] != claims.stamp:
        raise InvalidToken
    username, _, time_zone, region, codenames = row
    return Actor(
        workspace_id=claims.workspace_id,
        user_id=claims.user_id,
        username=username,
        permissions=frozenset(codenames.split(",") if codenames else ()),
        time_zone=ZoneInfo(time_zone),
        region=region,
    )


class PasswordBackend:
    """The same check for the admin's login form."""

    def authenticate(self, request: Any, username: str | None = None, password: str | None = None) -> User | None:
        user = check_password(username, password) if username and password else None
        return user if user and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
