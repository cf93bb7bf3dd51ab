"""Records made through the actions, with the fields that a test does not care about filled in."""

from decimal import Decimal
from itertools import count
from typing import Any

from backend.core.actor import Actor
from backend.modules.activities import actions as activities
from backend.modules.activities.models import Activity
from backend.modules.companies import actions as companies
from backend.modules.companies.models import Company
from backend.modules.contacts import actions as contacts
from backend.modules.contacts.models import Contact
from backend.modules.opportunities import actions as opportunities
from backend.modules.opportunities.models import Opportunity

_numbers = count(1)


def company(actor: Actor, **fields: Any) -> Company:
    return companies.create(actor, **{"name": f"Company {next(_numbers)}"} | fields)


def contact(actor: Actor, **fields: Any) -> Contact:
    number = next(_numbers)
    defaults = {"first_name": "Lucía", "last_name": f"Quispe {number}", "email": f"lucia{number}@example.com"}
    return contacts.create(actor, **defaults | fields)


def opportunity(actor: Actor, *, stage: str = "prospecto", **fields: Any) -> Opportunity:
    defaults = {"name": f"Deal {next(_numbers)}", "value": Decimal("1000.00"), "currency": "PEN"}
    return opportunities.create(actor, stage=stage, **defaults | fields)


def activity(actor: Actor, **fields: Any) -> Activity:
    return activities.create(actor, **{"kind": "call", "subject": "First call", "description": "Went well"} | fields)
