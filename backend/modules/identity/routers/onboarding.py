"""Logging in, and who one is (onboarding.md, "Authentication Endpoints" and "User Endpoint")."""

from pydantic import Field

from backend.dialects.onboarding import onboarding
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import FilledText, Incoming, Wire
from backend.modules.identity import authentication, queries

token = Resource(onboarding, "/token", tag="Authentication")
me = Resource(onboarding, "/me", tag="User")


class Credentials(Incoming):
    username: FilledText = Field(examples=["admin"])
    password: str = Field(min_length=1, max_length=4096, examples=["admin123"])


class TokenPair(Wire):
    access: str
    refresh: str


class RefreshToken(Incoming):
    refresh: FilledText = Field(examples=["eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9..."])


class AccessToken(Wire):
    access: str


class Me(Wire):
    id: int = Field(examples=[1])
    username: str = Field(examples=["admin"])
    email: str = Field(examples=["admin@urbany.com"])
    first_name: str = Field(examples=["Admin"])
    last_name: str = Field(examples=["Crisol"])


@token.public_post("/")
def obtain_token_pair(request: Call, credentials: Credentials) -> TokenPair:
    """Log in with user name (in any case) and password.

    The tokens are good in every dialect, for the user's oldest workspace. The access token holds for an hour, the
    refresh token for a week; both end with a new password, or when the user may no longer act in the workspace.
    401 if the two do not belong to an active user; 429 with `Retry-After` after too many wrong passwords.
    """
    pair = authentication.log_in(username=credentials.username, password=credentials.password)
    return TokenPair(access=pair.access, refresh=pair.refresh)


@token.public_post("/refresh/")
def refresh_access_token(request: Call, token: RefreshToken) -> AccessToken:
    """A new access token for a refresh token.

    401 if it is broken, expired, revoked, or its user may not act in the workspace any more.
    """
    return AccessToken(access=authentication.refresh(token.refresh))


@me.get("/")
def current_user(request: Call) -> Me:
    """The user whose token this is. Needs a login alone."""
    user = queries.me(request.actor)
    return Me(
        id=user.pk, username=user.username, email=user.email, first_name=user.first_name, last_name=user.last_name
    )
