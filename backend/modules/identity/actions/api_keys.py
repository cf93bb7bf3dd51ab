"""Making and revoking API keys."""

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Invalid
from backend.modules.identity import api_keys
from backend.modules.identity.models import ApiKey, Permission
from backend.modules.identity.queries.api_keys import MANAGE

# What only people do: a key that is lost must not be able to make another one or let anybody in; and who writes and
# reads messages is somebody.
NOT_FOR_KEYS = frozenset({"apikeys", "messaging", "roles", "users", "workspaces"})


class UnknownPermission(Invalid):
    """The workspace has no such permission, or it is none that a key can hold. Fact: `codename`."""

    code = "unknown_permission"
    field = "permissions"


class ExpiryPassed(Invalid):
    """The key would have expired before it was made."""

    code = "expiry_passed"
    field = "expires_at"


@action("apikey.create", needs=MANAGE)
def create(
    actor: Actor, *, name: str, permissions: Collection[str] | None = None, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key, and its text, which is not stored and cannot be shown again.

    `permissions` are codenames that the actor holds as well; without them the key gets all of the actor's that a key
    can hold. Raises `UnknownPermission`, `PermissionDenied` and `ExpiryPassed`.
    """
    expires_at = actor.local(expires_at) if expires_at else None
    if expires_at is not None and expires_at <= timezone.now():
        raise ExpiryPassed
    secret = api_keys.new_secret()
    key = ApiKey.objects.of(actor).create(
        name=name,
        jti=secret.jti,
        secret_hash=secret.digest,
        last_four=secret.last_four,
        permissions=_held(actor, permissions),
        expires_at=expires_at,
        created_by_id=actor.user_id,
    )
    return key, secret.text


@action("apikey.revoke", needs=MANAGE)
def revoke(actor: Actor, key_id: int) -> None:
    """End a key; from the next request on. One that is revoked already stays as it is. Raises `NotFound`."""
    key: ApiKey = ApiKey.objects.of(actor).lock(key_id)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save()


@action("apikey.note_use")
def note_use(actor: Actor, key_id: int) -> None:
    """Keep when the key was used last. Of callers at once one does it, the others need not wait."""
    key = ApiKey.objects.of(actor).select_for_update(of=("self",), skip_locked=True).filter(pk=key_id).first()
    if key is not None:
        key.last_used_at = timezone.now()
        key.save()


def _held(actor: Actor, wanted: Collection[str] | None) -> list[str]:
    codenames = set(Permission.objects.of(actor).values_list("codename", flat=True))
    for_keys = {name for name in codenames if name.partition(".")[0] not in NOT_FOR_KEYS}
    if wanted is None:
        return sorted(name for name in for_keys if actor.may(name))
    for codename in wanted:
        if codename not in for_keys:
            raise UnknownPermission(codename=codename)
        actor.require(codename)
    return sorted(set(wanted))
