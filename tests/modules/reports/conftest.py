import pytest

from backend.core import rebuilding


@pytest.fixture
def off(alice):
    """The figures of alice's workspace that are not what its rows say."""
    return lambda: rebuilding.drifts(alice.workspace.pk)
