"""What each company is worth."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Sum

from backend.core.actor import Actor
from backend.modules.companies import queries as companies
from backend.modules.contacts import queries as contacts
from backend.modules.opportunities import queries as opportunities
from backend.modules.reports.queries import VIEW, ZERO


@dataclass(frozen=True, slots=True)
class Deals:
    """Opportunities: how many, and the sum of their values, the currencies added as they are and each for itself."""

    count: int = 0
    value: Decimal = ZERO
    by_currency: dict[str, "Deals"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyFigures(Deals):
    """A company's own opportunities, beside how many contacts it has."""

    company_id: int
    company_name: str
    contacts: int


def contacts_by_company(actor: Actor) -> list[CompanyFigures]:
    """Every company by name, with its contacts and its opportunities, each counted for itself and not joined."""
    actor.require(VIEW)
    linked = contacts.visible_to(actor).exclude(company=None).order_by()
    people = dict(linked.values_list("company_id").annotate(rows=Count("id")))
    deals = _deals(actor)
    return [
        _figures(deals.get(company_id, []), company_id, name, people.get(company_id, 0))
        for company_id, name in companies.visible_to(actor).order_by("name", "id").values_list("id", "name")
    ]


def _deals(actor: Actor) -> dict[int, list[tuple[str, Deals]]]:
    """By company: each currency with its opportunities."""
    linked = opportunities.visible_to(actor).exclude(company=None).order_by()
    groups = linked.values_list("company_id", "currency").annotate(rows=Count("id"), sum=Sum("value"))
    found: dict[int, list[tuple[str, Deals]]] = defaultdict(list)
    for company_id, currency, rows, value in groups.order_by("currency"):
        found[company_id].append((currency, Deals(rows, opportunities.cents(value))))
    return found


def _figures(deals: list[tuple[str, Deals]], company_id: int, name: str, people: int) -> CompanyFigures:
    return CompanyFigures(
        sum(each.count for _, each in deals),
        sum((each.value for _, each in deals), ZERO),
        dict(deals),
        company_id=company_id,
        company_name=name,
        contacts=people,
    )
