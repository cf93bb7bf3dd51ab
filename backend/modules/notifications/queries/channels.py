"""How a person wants to be told of what happens."""

from backend.core.actor import Actor
from backend.modules.notifications.kinds import KINDS, Channels
from backend.modules.notifications.models import ChannelChoice


def of(actor: Actor, user_id: int, kind: str) -> Channels:
    """How a user of the workspace is told of this kind. Raises `KeyError` for one that is not in the catalogue."""
    default = KINDS[kind].default
    rows = ChannelChoice.objects.of(actor).filter(user_id=user_id, kind=kind)
    chosen = rows.values_list("email", "in_app").first()
    return Channels(*chosen) if chosen else default


def all_of(actor: Actor) -> dict[str, Channels]:
    """How the caller is told of each kind, in the order of the catalogue. Raises `PermissionDenied` for an API key."""
    rows = ChannelChoice.objects.of(actor).filter(user_id=actor.require_user())
    chosen = {kind: Channels(email, in_app) for kind, email, in_app in rows.values_list("kind", "email", "in_app")}
    return {name: chosen.get(name, kind.default) for name, kind in KINDS.items()}
