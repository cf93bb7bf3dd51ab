"""Reading API keys. Their secret is not stored, so nothing here can show it."""

from typing import Any

from django.db.models import F

from backend.core import listing, permissions
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.identity.models import ApiKey

MANAGE = permissions.declare("apikeys.manage", "Create and revoke API keys")

FIELDS = (
    "name", "jti", "last_four", "permissions", "expires_at", "last_used_at", "revoked_at", "created_at", "version",
)  # fmt: skip
NAMES = {"created_by_name": F("created_by__username")}


def page(actor: Actor, wanted: listing.Window) -> listing.Page:
    """The workspace's keys, newest first, each with its `status`."""
    actor.require(MANAGE)
    rows = ApiKey.objects.of(actor).order_by("-created_at", "-id")
    found = listing.page(rows, wanted, count=listing.count_up_to_bound(rows), fields=FIELDS, **NAMES)
    for row in found.rows:
        row["status"] = _status(row)
    return found


def get(actor: Actor, key_id: int) -> dict[str, Any]:
    """One of them. Raises `NotFound`."""
    actor.require(MANAGE)
    found = ApiKey.objects.of(actor).filter(pk=key_id).values("id", *FIELDS, **NAMES).first()
    if found is None:
        raise NotFound(record="apikey", id=key_id)
    return found | {"status": _status(found)}


def _status(row: dict[str, Any]) -> str:
    return ApiKey(expires_at=row["expires_at"], revoked_at=row["revoked_at"]).status
