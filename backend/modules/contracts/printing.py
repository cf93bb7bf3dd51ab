"""A contract on paper, as its client gets it: what was agreed, and nothing of what is the house's own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from backend.core import pdf
from backend.core.actor import Actor
from backend.core.formats import Formats
from backend.modules.contracts import queries
from backend.modules.contracts.models import PaymentStatus, Status
from backend.modules.contracts.printed_words import KINDS, LONG_DATE, MARKS, WORDS
from backend.modules.contracts.queries import parties
from backend.modules.identity import queries as identity

SHORT_DATE = "j M Y"
MOST_LINES = 1000  # each takes a millisecond to lay out
UNBROKEN = re.compile(r"(\S{80})(?=\S)")  # no word is as long, and the time that one takes grows with its square
BREAK_HERE = "\u200b"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF, and what it is called, without an ending."""

    name: str
    content: bytes


def printed(actor: Actor, contract_id: int) -> Printed:
    """The contract in the workspace's language. Raises `NotFound` and `PdfUnavailable`."""
    contract = queries.get(actor, contract_id)
    pdf.check_available()
    page = _html(actor, contract, queries.payments(actor, contract_id), parties.agent(actor, contract_id))
    return Printed(contract["number"], pdf.render(page))


def _html(actor: Actor, contract: Row, payments: Iterable[Row], agent: Row) -> str:
    workspace = identity.workspace(actor)
    language = workspace.language
    paper, words = _Paper(language, region=workspace.region), WORDS[language]
    shown = [
        each for each in payments if each["status"] != PaymentStatus.CANCELLED or contract["status"] == Status.CANCELLED
    ]
    facts = {
        "language": language,
        "title": contract["title"],
        "workspace": workspace.name,
        "made": f"{contract['number']} · {words['printed'].format(day=paper.day(actor.today))}",
        "words": words,
        "number": contract["number"],
        "kind": KINDS[language][contract["kind"]],
        "mark": MARKS[language].get(contract["status"], ""),
        "agent": _person(agent),
        "client": _client(contract),
        "property": paper.named(contract, words, ("property_address", "property_kind", "property_size")),
        "agreed": paper.named(contract, words, ("value", "starts_on", "ends_on", "signed_on")),
        "signed_on": paper.day(contract["signed_on"]),
        "paragraphs": _paragraphs(contract["terms"]),
        "has_paid": any(each["paid_on"] for each in shown),
        "payments": [paper.payment(each) for each in shown],
        "total": paper.money(sum((each["amount"] for each in shown), Decimal(0))),
        "currency": contract["currency"],
    }
    return render_to_string("contracts/contract.html", facts)


def _person(agent: Row) -> Row:
    name = f"{agent['first_name'] or ''} {agent['last_name'] or ''}".strip() or agent["username"] or ""
    return {"name": name, "lines": [each for each in (agent["email"], agent["phone"]) if each]}


def _client(contract: Row) -> Row:
    lines = (contract["client_email"], contract["client_phone"])
    return {"name": contract["client_name"], "lines": [each for each in lines if each]}


def _paragraphs(text: str) -> list[str]:
    """The lines of a text, an empty one between paragraphs; beyond `MOST_LINES` what follows is one of them."""
    lines = re.sub(r"\n\s*\n", "\n\n", "\n".join(text.splitlines())).split("\n") if text else []
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [" ".join(lines[MOST_LINES:])]
    return [UNBROKEN.sub(rf"\1{BREAK_HERE}", line) for line in lines]


class _Paper(Formats):
    """How values look on it."""

    def day(self, day: date | None) -> str:
        return "" if day is None else self.date(day, LONG_DATE[self.language])

    def short_day(self, day: date | None) -> str:
        return "" if day is None else self.date(day, SHORT_DATE)

    def money(self, amount: Decimal) -> str:
        return self.number(amount, places=2)

    def named(self, contract: Row, words: dict[str, str], names: Iterable[str]) -> list[tuple[str, str]]:
        """Each value that there is, after its word."""
        return [(words[name], self._value(name, contract)) for name in names if contract[name] not in (None, "")]

    def payment(self, payment: Row) -> Row:
        return {
            "kind": payment["kind"],
            "amount": self.money(payment["amount"]),
            "due_on": self.short_day(payment["due_on"]),
            "paid_on": self.short_day(payment["paid_on"]),
        }

    def _value(self, name: str, contract: Row) -> str:
        value = contract[name]
        if name == "value":
            return f"{contract['currency']} {self.money(value)}"
        if name == "property_size":
            return f"{self.money(value)} m²"
        return self.day(value) if isinstance(value, date) else value
