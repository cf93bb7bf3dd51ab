import pytest

from backend.modules.identity.models import Workspace
from tests import make, people


@pytest.fixture
def caracas(ours) -> Workspace:
    """Our workspace, moved to Venezuela."""
    ours.time_zone, ours.region = "America/Caracas", "VE"
    people.writing(ours.pk, ours.save)
    return ours


@pytest.fixture
def contact(alice):
    return make.contact(alice.actor, first_name="Juan", last_name="Pérez", phone="+58 412-345 6789")


@pytest.fixture
def juan():
    """The body of the document's example."""
    return {
        "client_type": "natural",
        "contact_name": "Juan Pérez",
        "phone": "+584123456789",
        "email": "juan@example.com",
        "address": "Calle Principal 123",
    }


def faults(answer) -> list[tuple[list[str | int], str]]:
    """Where and what, of a 422."""
    assert answer.status_code == 422, answer.content
    assert all(each["msg"] for each in answer.json()["detail"])
    return [(each["loc"], each["type"]) for each in answer.json()["detail"]]
