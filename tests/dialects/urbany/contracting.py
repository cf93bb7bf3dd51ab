"""Contracts, as the tests of this dialect ask for them."""

from datetime import timedelta
from typing import Any

CONTRACTS = "/api/contratos/"
STATS, EXPIRING, MOCK = (f"{CONTRACTS}{name}/" for name in ("stats", "expiring", "generate-mock"))
ROW = [
    "id", "contract_number", "title", "contract_type", "status", "priority", "client_name", "agent", "property_address",
    "contract_value", "currency", "commission_rate", "commission_amount", "start_date", "end_date", "signed_date",
    "contact_id", "opportunity_id", "created_at", "updated_at",
]  # fmt: skip
DETAIL = {
    *ROW, "client_email", "client_phone", "property_type", "property_size", "terms_and_conditions", "payments",
    "payment_summary", "documents", "notes",
}  # fmt: skip
LEAST = {"title": "Venta", "contract_type": "Sale", "client_name": "Ana", "contract_value": "1000.00"}
LEASE = {
    "title": "Arrendamiento Oficina Centro",
    "contract_type": "Lease",
    "status": "Draft",
    "priority": "Medium",
    "client_name": "Empresa ABC S.A.",
    "client_email": "contacto@empresaabc.com",
    "client_phone": "+52 55 1234 5678",
    "property_address": "Torre Corporativa, Piso 15",
    "property_type": "Oficina",
    "property_size": "250.00",
    "contract_value": "50000.00",
    "commission_rate": "5.00",
    "start_date": "2025-02-01",
    "end_date": "2025-02-01",
    "terms_and_conditions": "Contrato de arrendamiento por 12 meses...",
}  # the document's own example


def path(contract: Any) -> str:
    """The address of a contract: a row, or what the API answered."""
    return f"{CONTRACTS}{contract['id'] if isinstance(contract, dict) else contract.pk}/"


def created(who: Any, **fields: Any) -> dict[str, Any]:
    """A contract made through the API."""
    answer = who.post(CONTRACTS, LEAST | fields)
    assert answer.status_code == 201, answer.content
    return answer.json()


def detail(who: Any, contract: Any) -> dict[str, Any]:
    answer = who.get(path(contract))
    assert answer.status_code == 200, answer.content
    return answer.json()


def titles(answer: Any) -> list[str]:
    """The titles on a page."""
    assert answer.status_code == 200, answer.content
    return [row["title"] for row in answer.json()["results"]]


def in_days(who: Any, days: int) -> str:
    """The day so many days from the workspace's today."""
    return str(who.actor.today + timedelta(days=days))
