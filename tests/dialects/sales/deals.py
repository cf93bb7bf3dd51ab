"""A random sales history, written through the actions and remembered here: reports computed without a database."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from backend.core.actor import Actor
from backend.modules.companies.models import Company
from backend.modules.opportunities import actions
from tests import make

STAGES = ("prospecto", "calificacion", "propuesta", "negociacion", "cerrada_ganada", "cerrada_perdida")
OPEN, WON, LOST = STAGES[:4], "cerrada_ganada", "cerrada_perdida"
CURRENCIES = ("PEN", "USD", "EUR")
LIMA = ZoneInfo("America/Lima")
BEGIN = datetime(2025, 12, 20, tzinfo=UTC)


@dataclass
class Deal:
    company: Company | None
    value: Decimal
    currency: str
    probability: int
    history: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def stage(self) -> str:
        return self.history[-1][0]

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN

    @property
    def closed_on(self) -> date:
        return self.history[-1][1].astimezone(LIMA).date()

    @property
    def days_to_close(self) -> float:
        return (self.history[-1][1] - self.history[0][1]) / timedelta(days=1)


def write(actor: Actor, deal: Deal) -> Deal:
    """The deal as an opportunity with all its moves."""
    (stage, moment), *moves = deal.history
    made = make.opportunity(
        actor,
        stage=stage,
        at=moment,
        company_id=deal.company and deal.company.pk,
        value=deal.value,
        currency=deal.currency,
        probability=deal.probability,
    )
    for stage, moment in moves:
        actions.move(actor, made.pk, stage=stage, at=moment)
    if deal.is_open:
        actions.update(actor, made.pk, probability=deal.probability)
    return deal


def at_random(actor: Actor, seed: int, *, count: int = 50) -> list[Deal]:
    """So many deals of 2026 with up to five moves, forth and back; some moves at one and the same moment."""
    random = Random(seed)
    companies = [make.company(actor, name=f"Company {letter}") for letter in "DACB"] + [None]
    return [write(actor, _deal(random, random.choice(companies))) for _ in range(count)]


def _deal(random: Random, company: Company | None) -> Deal:
    value = Decimal(random.choice((random.randrange(100), random.randrange(10**9)))) / 100
    deal = Deal(company, value, random.choice(CURRENCIES), random.randrange(101))
    moment = BEGIN + timedelta(seconds=random.randrange(200 * 86400))
    deal.history.append((random.choice(STAGES[:3]), moment))
    for _ in range(random.randrange(6)):
        moment += timedelta(seconds=random.choice((0, random.randrange(30 * 86400))))
        deal.history.append((random.choice([stage for stage in STAGES if stage != deal.stage]), moment))
    return deal
