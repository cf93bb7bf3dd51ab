"""Reading the documents of contracts. Each row has `address`, where its file can be had for five minutes."""

from collections.abc import Iterable
from typing import Any

from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.attachments import queries as attachments
from backend.modules.contracts.models import Document
from backend.modules.contracts.queries import visible_to

ROW = ("kind", "title", "attachment_id", "created_at", "version")


def of_contract(actor: Actor, contract_id: int) -> list[dict[str, Any]]:
    """The documents of a contract that the caller sees, oldest first."""
    rows = Document.objects.of(actor).filter(contract_id=contract_id, contract__in=visible_to(actor))
    return _with_addresses(actor, rows.order_by("created_at", "id").values("id", *ROW))


def detail(actor: Actor, document_id: int) -> dict[str, Any]:
    """One document, for who has just written it. Raises `NotFound`."""
    found = _with_addresses(actor, Document.objects.of(actor).filter(pk=document_id).values("id", *ROW))
    if not found:
        raise NotFound(record="document", id=document_id)
    return found[0]


def count(actor: Actor, contract_id: int) -> int:
    return Document.objects.of(actor).filter(contract_id=contract_id).count()


def _with_addresses(actor: Actor, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found = list(rows)
    addresses = attachments.addresses(actor, [row["attachment_id"] for row in found])
    return [row | {"address": addresses[key]} for row in found if (key := row["attachment_id"]) in addresses]
