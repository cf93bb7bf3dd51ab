"""What each company is worth."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from backend.core.actor import Actor
from backend.core.figures import SEPARATOR
from backend.modules.companies import queries as companies
from backend.modules.opportunities.models import Currency
from backend.modules.reports.queries import VIEW, ZERO, kept

CURRENCIES = sorted(Currency.values)
PEOPLE, ROWS, VALUES = "contacts.by_company", "opportunities.by_company", "opportunities.by_company.value"


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


def contacts_by_company(actor: Actor) -> Iterator[CompanyFigures]:
    """Every company by name, with its contacts and its opportunities, each counted for itself and not joined.

    One at a time: a hundred thousand of them that are there together keep the garbage collector busier than the report.
    """
    actor.require(VIEW)
    found = kept.read(actor, PEOPLE, ROWS, VALUES)
    people, rows, values = (found[name] for name in (PEOPLE, ROWS, VALUES))
    named = companies.visible_to(actor).order_by("name", "id").values_list("id", "name")
    return (_figures(_deals(rows, values, each), each, name, people.get(str(each), 0)) for each, name in list(named))


def _deals(rows: dict[str, int], values: dict[str, int], company_id: int) -> dict[str, Deals]:
    """By currency, those that it has opportunities in."""
    keys = {currency: f"{company_id}{SEPARATOR}{currency}" for currency in CURRENCIES}
    return {
        currency: Deals(rows[key], kept.money(values.get(key, 0))) for currency, key in keys.items() if rows.get(key)
    }


def _figures(deals: dict[str, Deals], company_id: int, name: str, people: int) -> CompanyFigures:
    each = deals.values()
    return CompanyFigures(
        sum(one.count for one in each),
        sum((one.value for one in each), ZERO),
        deals,
        company_id=company_id,
        company_name=name,
        contacts=people,
    )
