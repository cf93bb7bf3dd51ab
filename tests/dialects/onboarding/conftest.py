import pytest

from tests import make


@pytest.fixture
def contact(alice):
    """John Doe of Acme, as in the document: created by alice, assigned to her."""
    return make.contact(
        alice.actor,
        first_name="John",
        last_name="Doe",
        email="john.doe@example.com",
        phone="+51987654321",
        company_name="Acme Corp",
        address="123 Main St",
        notes="Interested",
        assigned_to_id=alice.user.pk,
    )


@pytest.fixture
def jane():
    """The smallest body that makes a client."""
    return {"first_name": "Jane", "last_name": "Smith", "email": "jane.smith@example.com"}
