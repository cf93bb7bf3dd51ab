"""Access and refresh tokens. One token serves every dialect.

Claims: `user_id`, `workspace_id`, `jti`, `iat`, `stamp` (the password's, so that a new password ends old sessions),
`second_factor_owed`, and `session`, the `jti` of the refresh token that an access token came with or from.
"""

from dataclasses import dataclass
from functools import lru_cache
from time import time
from typing import cast

from ninja_jwt.exceptions import TokenError
from ninja_jwt.tokens import AccessToken, RefreshToken, Token

from backend.core.errors import InvalidToken
from backend.modules.identity.models import User

WORKSPACE, STAMP, SECOND_FACTOR_OWED, SESSION = "workspace_id", "stamp", "second_factor_owed", "session"
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: int
    workspace_id: int
    stamp: str
    second_factor_owed: bool
    session: str
    expires: float  # in seconds since 1970


def issue(user: User, workspace_id: int, *, second_factor_owed: bool = False) -> TokenPair:
    """A new pair for the user in the workspace."""
    refresh = cast(RefreshToken, RefreshToken.for_user(user))  # type: ignore[misc]
    refresh[WORKSPACE] = workspace_id
    refresh[STAMP] = user.password_stamp
    refresh[SECOND_FACTOR_OWED] = second_factor_owed
    refresh[SESSION] = refresh["jti"]
    return TokenPair(access=str(refresh.access_token), refresh=str(refresh))


def read_access(raw: str) -> Claims:
    """The claims of an access token. Raises `InvalidToken`."""
    claims = _verified(raw)
    if claims.expires <= time():
        raise InvalidToken
    return claims


@lru_cache(maxsize=4096)
def _verified(raw: str) -> Claims:
    """The claims, expired or not. Whose signature was right stays so, and checking it costs as much as a query."""
    return _claims(_open(AccessToken, raw))


def read_refresh(raw: str) -> tuple[Claims, str]:
    """The claims of a refresh token that is neither expired nor blacklisted, and a new access token for it.

    Raises `InvalidToken`.
    """
    token = _open(RefreshToken, raw)
    return _claims(token), str(token.access_token)  # type: ignore[attr-defined]


def revoke_refresh(raw: str, *, user_id: int) -> None:
    """Refuse this user's refresh token from now on. Raises `InvalidToken` for one that is refused already."""
    token = cast(RefreshToken, _open(RefreshToken, raw))
    if _claims(token).user_id != user_id:
        raise InvalidToken
    token.blacklist()


def _open(kind: type[Token], raw: str) -> Token:
    try:
        return kind(raw)
    except (TokenError, UnicodeError) as error:
        raise InvalidToken from error


def _claims(token: Token) -> Claims:
    try:
        claims = Claims(
            user_id=int(token["user_id"]),
            workspace_id=int(token[WORKSPACE]),
            stamp=str(token[STAMP]),
            second_factor_owed=bool(token[SECOND_FACTOR_OWED]),
            session=str(token.get(SESSION, "")),  # "" in one of before there were any
            expires=float(token["exp"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidToken from error
    if max(claims.user_id, claims.workspace_id) > LARGEST_ID:
        raise InvalidToken
    return claims
