"""The leads of the demo data: by which channel the people came who were met last, and how far each of them is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.demo.story import Story

LEADS = 24
CONTACTED, QUOTED, CLOSED = "contacted", "quoted", "closed"


@dataclass(frozen=True, slots=True)
class Plan:
    """How somebody came, how it went on, after how many hours they were first contacted, and what was noted down."""

    channel: str
    steps: tuple[str, ...] = ()
    hours: int = 0
    note: str = ""
    is_assigned: bool = True


# One after the other, and from the first again.
PLANS = (
    Plan("web", (CONTACTED, QUOTED, CLOSED), 2, "Firmó la reserva tras la segunda visita."),
    Plan("whatsapp", (CONTACTED,), 1, "Pide fotos del estacionamiento."),
    Plan("instagram", ("discarded",), 0, "Buscaba vivienda, no oficina."),
    Plan("web", (), 0, "", is_assigned=False),
    Plan("whatsapp", (CONTACTED, QUOTED), 3, "Espera la aprobación de su directorio."),
    Plan("manual", (CONTACTED,), 26, "Llamar el lunes por la mañana."),
    Plan("web", (), 0, "Llamar el lunes."),
    Plan("instagram", (CONTACTED, "discarded"), 8, "Ya alquiló en otro edificio."),
    Plan("manual", (CONTACTED, QUOTED, CLOSED), 5, "Referido por un cliente actual."),
)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The lead of the person of this number, whose seller follows it up."""

    person: int
    seller: str
    moment: datetime
    contacted_at: datetime
    plan: Plan


def inquiries(story: Story, today: datetime) -> list[Inquiry]:
    """One for each of the last people. Nobody was contacted after `today` began."""
    first = len(story.people) - LEADS
    found = []
    for number, person in enumerate(story.people[first:]):
        plan = PLANS[number % len(PLANS)]
        contacted_at = min(person.moment + timedelta(hours=plan.hours), max(today, person.moment))
        found.append(Inquiry(first + number, person.seller, person.moment, contacted_at, plan))
    return found
