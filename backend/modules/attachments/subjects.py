"""What files are attached to. The modules above say which kinds of records there are, and who sees which."""

from collections.abc import Callable
from typing import NamedTuple

from backend.core.actor import Actor
from backend.core.errors import NotFound

Visible = Callable[[Actor, int], bool]


class Kind(NamedTuple):
    visible: Visible
    is_closed: bool


_kinds: dict[str, Kind] = {}


def declare(kind: str, *, visible: Visible, closed: bool = False) -> None:
    """Let files be attached to records of this kind; `visible(actor, id)` tells whether the actor sees one.

    To and from those of a `closed` kind files are attached and removed by the actions of its own module alone.
    """
    _kinds[kind] = Kind(visible, closed)


def check(actor: Actor, kind: str, subject_id: int) -> None:
    """Raises `NotFound` unless there is such a record for this actor."""
    if not _kinds[kind].visible(actor, subject_id):
        raise NotFound(record=kind, id=subject_id)


def check_open(actor: Actor, kind: str, subject_id: int) -> None:
    """The same before a file is attached or removed by an operation for every kind."""
    check(actor, kind, subject_id)
    if _kinds[kind].is_closed:
        raise NotFound(record=kind, id=subject_id)
