"""The contracts of the demo data: what became of the last deals that were won."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from backend.demo.deals import WON, Deal
from backend.demo.story import Story

MOST_LATE = 3  # days for which the demo's clients owe at most, but for one who forgets


@dataclass(frozen=True, slots=True)
class Plan:
    """How a contract stands today, in how many days it ends, in how many payments, and what was noted down."""

    status: str
    days: int
    instalments: int
    priority: str
    note: tuple[str, str]
    is_forgetful: bool = False


# The last won deals, the oldest first.
PLANS = (
    Plan("completed", -5, 2, "medium", ("general", "Contrato cumplido; entregar la carta de conformidad.")),
    Plan("cancelled", 120, 6, "low", ("call", "El directorio canceló la mudanza. Quedamos en buenos términos.")),
    Plan("signed", 6, 6, "urgent", ("call", "Pregunta por la renovación: quiere tres meses de prueba.")),
    Plan("signed", 24, 12, "high", ("payment", "Pidió mover la fecha de pago al día 15."), is_forgetful=True),
    Plan("signed", 150, 12, "medium", ("meeting", "Entrega de llaves hecha; falta el inventario.")),
    Plan("active", 13, 3, "high", ("legal", "El área legal revisa la cláusula de penalidades.")),
    Plan("signed", 330, 24, "medium", ("general", "Cliente interesado en ampliar el próximo año.")),
    Plan("active", 90, 0, "medium", ("meeting", "Firma prevista para la próxima semana.")),
    Plan("draft", 365, 0, "low", ("general", "Borrador enviado; espera los datos del representante.")),
    Plan("active", 28, 1, "high", ("call", "Confirma los datos de facturación el lunes.")),
    Plan("draft", 180, 0, "medium", ("general", "Falta la partida registral del inmueble.")),
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The contract of a won deal: what it is made with, at the moment of the win or in the first of this year."""

    deal: Deal
    plan: Plan
    moment: datetime
    fields: dict[str, Any]

    @property
    def first_due_on(self) -> date:
        day: date = self.fields["starts_on"]
        return day + timedelta(days=5)

    @property
    def begins_as(self) -> str:
        """The status it comes into being with, from which it reaches the plan's in one step."""
        return {"completed": "signed", "cancelled": "active"}.get(self.plan.status, self.plan.status)


def agreements(story: Story, told: list[Deal], today: datetime) -> list[Agreement]:
    """A contract for each of the last deals that were won, in the order of the wins."""
    won = sorted((deal for deal in told if deal.steps[-1].stage == WON), key=lambda deal: deal.steps[-1].moment)
    latest = won[-len(PLANS) :]
    return [_agreement(story, deal, plan, today) for deal, plan in zip(latest, PLANS[-len(latest) :], strict=True)]


def _agreement(story: Story, deal: Deal, plan: Plan, today: datetime) -> Agreement:
    won = deal.steps[-1].moment
    firm, about = story.people[deal.person].firm, deal.name.partition(" – ")[0]
    won_on = won.astimezone(today.tzinfo).date()
    fields = {
        "title": deal.name,
        "kind": "sale" if about.startswith("Venta") else "lease" if about.startswith("Alquiler") else "management",
        "priority": plan.priority,
        "client_name": firm.name,
        "property_address": firm.address,
        "property_kind": about.rpartition(" de ")[2].capitalize(),
        "property_size": Decimal(80 + len(firm.name) * 7),
        "value": deal.value,
        "currency": deal.currency,
        "commission_rate": Decimal("3.50") if about.startswith("Venta") else Decimal("5.00"),
        "starts_on": won_on,
        "ends_on": max(today.date() + timedelta(days=plan.days), won_on),
        "signed_on": won_on if plan.status in ("signed", "completed") else None,
        "terms": f"{about} para {firm.name}.\n\nEl cliente paga por adelantado, en las fechas del cronograma.",
    }
    moment = max(won, today.replace(month=1, day=1))  # the number is one of this year
    return Agreement(deal, plan, moment, fields)
