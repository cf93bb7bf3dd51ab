"""`If-Match`: the caller's wish that a record be changed only if it is still the one that was read.

The dialect announces the version; the action's first `lock()` compares it, under the row's lock, so that no other
change fits between the comparison and the write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from backend.core.errors import Stale

_expected: ContextVar[frozenset[int] | None] = ContextVar("expected_versions", default=None)


@contextmanager
def expecting(versions: frozenset[int] | None) -> Iterator[None]:
    """Within it, the first record that is locked must have one of these versions; None expects nothing."""
    token = _expected.set(versions)
    try:
        yield
    finally:
        _expected.reset(token)


def compare(version: int) -> None:
    expected = _expected.get()
    if expected is None:
        return
    _expected.set(None)
    if version not in expected:
        raise Stale(version=version)
