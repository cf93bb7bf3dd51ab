"""Telling a member of the workspace what happened, and what they say of how."""

from collections.abc import Mapping
from datetime import date
from typing import TypedDict, Unpack

from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.identity import queries
from backend.modules.identity.models import User
from backend.modules.notifications import actions as notifications
from backend.modules.notifications.actions import Reader, Subject, channels


class Choice(TypedDict, total=False):
    """What can be chosen. `language` is a value of `Language`, or None: the workspace's.

    `channels` are by kind, as `{"assignment": {"email": False}}`.
    """

    language: str | None
    channels: Mapping[str, Mapping[str, bool]]


def tell(
    actor: Actor,
    user_id: int,
    *,
    key: str,
    kind: str,
    facts: Mapping[str, str | date | None],
    subject: Subject | None = None,
    is_secret: bool = False,
) -> None:
    """Tell an active member, in their language and over the channels that they want; nobody else is told.

    It is written in the caller's transaction; for the rest see `notifications.actions.notify`.
    """
    user = queries.active_member(actor, user_id)
    if user is None:
        return
    reader = Reader(user.pk, user.email, queries.language_of(actor, user))
    notifications.notify(actor, key=key, to=reader, kind=kind, facts=facts, subject=subject, is_secret=is_secret)


@action("user.choose_how_to_be_told")
def choose(actor: Actor, **chosen: Unpack[Choice]) -> None:
    """Say in which language and over which channels the caller is told; what is not given stays.

    The language holds in every workspace, the channels in this one. Raises `PermissionDenied` for an API key.
    """
    user_id = actor.require_user()
    if "language" in chosen:
        user = User.objects.select_for_update().get(pk=user_id)
        user.language = chosen["language"]
        if not user.is_unchanged:
            user.save()
    channels.choose(actor, chosen=chosen.get("channels", {}))
