"""API keys: how one is spelled, what is stored of it, and whose it is."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from backend.core.actor import Actor
from backend.core.errors import InvalidToken
from backend.modules.identity.models import ApiKey

PREFIX = "crisol_"
USE_IS_NOTED_EVERY = timedelta(minutes=1)  # so that reading does not write with every request


@dataclass(frozen=True, slots=True)
class NewSecret:
    """`crisol_<jti>_<secret>`, which is shown once, and what is stored of it."""

    text: str
    jti: str
    digest: str

    @property
    def last_four(self) -> str:
        return self.text[-4:]


def new_secret() -> NewSecret:
    jti, secret = secrets.token_hex(8), secrets.token_hex(24)
    return NewSecret(f"{PREFIX}{jti}_{secret}", jti, _digest(secret))


def looks_like_one(raw: str) -> bool:
    return raw.startswith(PREFIX)


def actor(raw: str) -> Actor:
    """Who acts with the key: the key itself, with its permissions and nobody's account. Raises `InvalidToken`."""
    jti, _, secret = raw.removeprefix(PREFIX).partition("_")
    keys = ApiKey.across_workspaces.select_related("workspace")
    found = keys.filter(jti=jti).first() if jti.isalnum() else None
    if found is None or not hmac.compare_digest(found.secret_hash, _digest(secret)) or found.status != "active":
        raise InvalidToken
    who = Actor(
        workspace_id=found.workspace_id,
        username=f"API key {found.name}",
        permissions=frozenset(found.permissions),
        time_zone=ZoneInfo(found.workspace.time_zone),
        region=found.workspace.region,
        api_key_id=found.pk,
    )
    _note_use(who, found)
    return who


def _note_use(who: Actor, key: ApiKey) -> None:
    from backend.modules.identity.actions import api_keys as actions

    if key.last_used_at is None or timezone.now() - key.last_used_at >= USE_IS_NOTED_EVERY:
        actions.note_use(who, key.pk)


def _digest(secret: str) -> str:
    """A hash without salt or work: the secret has 192 bits of chance, nobody guesses it from a dictionary."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
