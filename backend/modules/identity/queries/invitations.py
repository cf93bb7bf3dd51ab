"""Reading invitations."""

from typing import Any

from django.db.models import Case, F, OuterRef, Value, When
from django.utils import timezone

from backend.core import listing, permissions
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.tabular import Joined
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.identity.models import Invitation, InvitationRole

INVITE = permissions.declare("users.invite", "Invite people by e-mail")

FIELDS = ("email", "sent", "expires_at", "accepted_at", "revoked_at", "created_at", "version")
NAMES = {"invited_by_name": F("invited_by__username")}


def page(actor: Actor, wanted: listing.Window) -> listing.Page:
    """The workspace's invitations, newest first, with `roles` (names) and `status`."""
    actor.require(INVITE)
    rows = _newest(actor)
    found = listing.page(rows, wanted, count=listing.count_up_to_bound(rows), fields=FIELDS, **NAMES)
    _describe(actor, found.rows)
    return found


def to_export(actor: Actor) -> WorkspaceQuerySet:
    """The same for a file. Beside the fields there are `NAMES`, `status`, and as a text `role_names`."""
    actor.require(INVITE)
    given = InvitationRole.objects.of(actor).filter(invitation=OuterRef("pk")).order_by("role__name", "id")
    status = Case(
        When(accepted_at__isnull=False, then=Value("accepted")),
        When(revoked_at__isnull=False, then=Value("revoked")),
        When(expires_at__lte=timezone.now(), then=Value("expired")),
        default=Value("pending"),
    )
    return _newest(actor).annotate(status=status, role_names=Joined(given.values(joined=F("role__name"))), **NAMES)


def get(actor: Actor, invitation_id: int) -> dict[str, Any]:
    """One of them. Raises `NotFound`."""
    actor.require(INVITE)
    rows = list(Invitation.objects.of(actor).filter(pk=invitation_id).values("id", *FIELDS, **NAMES))
    if not rows:
        raise NotFound(record="invitation", id=invitation_id)
    _describe(actor, rows)
    return rows[0]


def _newest(actor: Actor) -> WorkspaceQuerySet:
    return Invitation.objects.of(actor).order_by("-created_at", "-id")


def _describe(actor: Actor, rows: list[dict[str, Any]]) -> None:
    names: dict[int, list[str]] = {row["id"]: [] for row in rows}
    given = InvitationRole.objects.of(actor).filter(invitation_id__in=names).order_by("role__name", "id")
    for invitation_id, name in given.values_list("invitation_id", "role__name"):
        names[invitation_id].append(name)
    for row in rows:
        state = Invitation(**{name: row[name] for name in ("expires_at", "accepted_at", "revoked_at")})
        row["roles"], row["status"] = names[row["id"]], state.status
