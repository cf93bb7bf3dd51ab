"""What files are attached to. The modules above say which kinds of records there are, and who sees which."""

from collections.abc import Callable

from backend.core.actor import Actor
from backend.core.errors import NotFound

Visible = Callable[[Actor, int], bool]
_kinds: dict[str, Visible] = {}


def declare(kind: str, *, visible: Visible) -> None:
    """Let files be attached to records of this kind; `visible(actor, id)` tells whether the actor sees one."""
    _kinds[kind] = visible


def check(actor: Actor, kind: str, subject_id: int) -> None:
    """Raises `NotFound` unless there is such a record for this actor."""
    if not _kinds[kind](actor, subject_id):
        raise NotFound(record=kind, id=subject_id)
