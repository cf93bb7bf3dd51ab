import pytest

from tests.modules.intake import sending


@pytest.fixture
def door(ours):
    """The settings of our workspace, which takes in messages and forms."""
    return sending.set_up(ours.pk)
