"""What the worker still owes: modules declare how their due rows are counted, the metrics show the figures.

    due.declare("emails", lambda: OutboundEmail.across_workspaces.filter(state="due", next_at__lte=now()).count())

The counters run at each scrape, over all workspaces: each is one indexed statement.
"""

from collections.abc import Callable

_counters: dict[str, Callable[[], int]] = {}


def declare(kind: str, counter: Callable[[], int]) -> None:
    """Have `counter()` asked for the rows of a kind that are due now; call it from the module's `AppConfig.ready`."""
    _counters[kind] = counter


def counts() -> dict[str, int]:
    """How many rows of each kind are due now."""
    return {kind: counter() for kind, counter in _counters.items()}
