"""What the worker still owes: modules declare how their due rows are counted; the metrics and the doctor show it.

    due.declare("emails", lambda: OutboundEmail.across_workspaces.filter(state="due", next_at__lte=now()).count(), …)

The counters run at each scrape, over all workspaces: each is one indexed statement.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

Counter = Callable[[], int]
LATE = timedelta(minutes=5)  # a row that is due longer than this is stuck: sweeps come every fifteen seconds


def none() -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Kind:
    """How the rows of one kind are counted: those due now, those due too long, those given up for good."""

    due: Counter
    stuck: Counter
    failed: Counter


@dataclass(frozen=True, slots=True)
class Figures:
    due: int
    stuck: int
    failed: int


_kinds: dict[str, Kind] = {}


def declare(kind: str, due: Counter, *, stuck: Counter = none, failed: Counter = none) -> None:
    """Have these asked for the rows of a kind; call it from the module's `AppConfig.ready`."""
    _kinds[kind] = Kind(due, stuck, failed)


def counts() -> dict[str, int]:
    """How many rows of each kind are due now."""
    return {name: kind.due() for name, kind in _kinds.items()}


def figures() -> dict[str, Figures]:
    """How many rows of each kind are due, stuck and failed now."""
    return {name: Figures(kind.due(), kind.stuck(), kind.failed()) for name, kind in _kinds.items()}
