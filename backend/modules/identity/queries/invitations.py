"""Reading invitations."""

from typing import Any

from django.db.models import F

from backend.core import listing, permissions
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.identity.models import Invitation, InvitationRole

INVITE = permissions.declare("users.invite", "Invite people by e-mail")

FIELDS = ("email", "sent", "expires_at", "accepted_at", "revoked_at", "created_at", "version")
NAMES = {"invited_by_name": F("invited_by__username")}


def page(actor: Actor, wanted: listing.Window) -> listing.Page:
    """The workspace's invitations, newest first, with `roles` (names) and `status`."""
    actor.require(INVITE)
    rows = Invitation.objects.of(actor).order_by("-created_at", "-id")
    found = listing.page(rows, wanted, count=listing.count_up_to_bound(rows), fields=FIELDS, **NAMES)
    _describe(actor, found.rows)
    return found


def get(actor: Actor, invitation_id: int) -> dict[str, Any]:
    """One of them. Raises `NotFound`."""
    actor.require(INVITE)
    rows = list(Invitation.objects.of(actor).filter(pk=invitation_id).values("id", *FIELDS, **NAMES))
    if not rows:
        raise NotFound(record="invitation", id=invitation_id)
    _describe(actor, rows)
    return rows[0]


def _describe(actor: Actor, rows: list[dict[str, Any]]) -> None:
    names: dict[int, list[str]] = {row["id"]: [] for row in rows}
    given = InvitationRole.objects.of(actor).filter(invitation_id__in=names).order_by("role__name", "id")
    for invitation_id, name in given.values_list("invitation_id", "role__name"):
        names[invitation_id].append(name)
    for row in rows:
        state = Invitation(**{name: row[name] for name in ("expires_at", "accepted_at", "revoked_at")})
        row["roles"], row["status"] = names[row["id"]], state.status
