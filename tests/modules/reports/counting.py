"""The two reports by company as plain Python counts them over all rows, without a figure or an index."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from backend.modules.companies.models import Company
from backend.modules.contacts.models import Contact
from backend.modules.opportunities.models import Opportunity
from tests.people import Person

COMPANIES, TOP = "/api/v1/reportes/clientes-por-empresa/", "/v1/reports/top-accounts"
Deals = list[Opportunity]


def companies(who: Person) -> list[dict[str, Any]]:
    """What `COMPANIES` answers."""
    deals, people = _deals(who), list(Contact.objects.of(who.actor))
    return [
        {
            "empresa_id": company.pk,
            "empresa_nombre": company.name,
            "num_clientes": sum(contact.company_id == company.pk for contact in people),
            **_worth(deals[company.pk]),
            "por_moneda": {currency: _worth(rows) for currency, rows in _by_currency(deals[company.pk])},
        }
        for company in sorted(Company.objects.of(who.actor), key=lambda company: (company.name, company.pk))
    ]


def top(who: Person, *, limit: int = 3, first: date = date.min, last: date = date.max) -> list[dict[str, Any]]:
    """What `TOP` answers."""
    deals, found = _deals(who), []
    for company in Company.objects.of(who.actor):
        won = [each for each in deals[company.pk] if each.stage.outcome == "won" and first <= each.closed_on <= last]
        if won:
            each = {currency: _wins(rows) for currency, rows in _by_currency(won)}
            found.append({"accountId": company.pk, "accountName": company.name, **_wins(won), "byCurrency": each})
    return sorted(found, key=lambda row: (-row["wins"], -row["totalAmount"], row["accountId"]))[:limit]


def _deals(who: Person) -> dict[int, Deals]:
    found: dict[int, Deals] = defaultdict(list)
    for deal in Opportunity.objects.of(who.actor).select_related("stage").order_by("id"):
        found[deal.company_id].append(deal)
    return found


def _by_currency(rows: Deals) -> list[tuple[str, Deals]]:
    return [(each, [row for row in rows if row.currency == each]) for each in sorted({row.currency for row in rows})]


def _value(rows: Deals) -> float:
    return float(sum((row.value for row in rows), Decimal(0)))


def _worth(rows: Deals) -> dict[str, Any]:
    return {"num_oportunidades": len(rows), "valor_total_oportunidades": _value(rows)}


def _wins(rows: Deals) -> dict[str, Any]:
    return {"wins": len(rows), "totalAmount": _value(rows)}
