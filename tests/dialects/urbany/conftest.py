import pytest

from backend.modules.identity import second_factors
from tests.dialects.urbany import entering


@pytest.fixture
def clock(monkeypatch):
    """The time of codes, which a test moves on."""
    clock = entering.Clock()
    monkeypatch.setattr(second_factors, "time", clock)
    return clock


@pytest.fixture
def phone(alice, clock):
    """Alice's authenticator: her second factor is on."""
    return entering.enrol(alice, clock)
