"""How a person wants to be told of what happens."""

from collections.abc import Mapping

from backend.core import turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.notifications.kinds import KINDS
from backend.modules.notifications.models import ChannelChoice


@action("notification.choose_channels")
def choose(actor: Actor, *, chosen: Mapping[str, Mapping[str, bool]]) -> None:
    """Say how the caller is told: `{"assignment": {"email": False}}`; what is not named stays as it is.

    Raises `PermissionDenied` for an API key, and `KeyError` for a kind that is not in the catalogue.
    """
    user_id, rows = actor.require_user(), ChannelChoice.objects.of(actor)
    turns.take(actor.workspace_id, f"notification channels of {user_id}")
    known = {choice.kind: choice for choice in rows.filter(user_id=user_id)}
    for kind, channels in chosen.items():
        choice = known.get(kind) or rows.new(user_id=user_id, kind=kind, **KINDS[kind].default._asdict())
        for name, is_on in channels.items():
            setattr(choice, name, is_on)
        if not choice.is_unchanged:
            choice.save()
