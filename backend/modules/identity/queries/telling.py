"""How a member wants to be told of what happens."""

from dataclasses import dataclass

from backend.core.actor import Actor
from backend.modules.identity import queries
from backend.modules.notifications.kinds import KINDS
from backend.modules.notifications.queries import channels


@dataclass(frozen=True, slots=True)
class ChosenKind:
    """One kind of event, its title in the reader's language, and over which channels they are told of it."""

    kind: str
    title: str
    email: bool
    in_app: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """`language` is None where the workspace's holds."""

    language: str | None
    kinds: list[ChosenKind]


def preferences(actor: Actor) -> Preferences:
    """The caller's own. Raises `PermissionDenied` for an API key."""
    user = queries.me(actor)
    spoken = queries.language_of(actor, user)
    return Preferences(
        language=user.language,
        kinds=[
            ChosenKind(name, KINDS[name].titles[spoken], wanted.email, wanted.in_app)
            for name, wanted in channels.all_of(actor).items()
        ],
    )
