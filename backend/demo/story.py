"""The demo data before it is written: who was met when, and what happened then. The same on the same day."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend.core import folding
from backend.demo import cast, talk
from backend.demo.cast import COUNTRIES, Country, Firm
from backend.modules.contacts import phones

CONTACTS = 160
LONGEST_AGO = 300  # days since the first contact was met
SALES = [each.username for each in cast.COLLEAGUES if each.role == "sales"]
MANAGERS = [each.username for each in cast.COLLEAGUES if each.role == "manager"]


@dataclass(slots=True)
class Person:
    """A contact: what they are created with, when, by whom and for which firm."""

    moment: datetime
    firm: Firm
    seller: str
    is_assigned: bool
    fields: dict[str, str]


@dataclass(slots=True)
class Event:
    """Something that happened with the person of this number: an activity, or a move to a stage."""

    moment: datetime
    person: int
    by: str
    entry: talk.Entry | None = None
    stage: str = ""


@dataclass(slots=True)
class Story:
    """Everything in the order in which it happened; `firms` are dated by the first of their people."""

    firms: list[tuple[datetime, Firm, str, dict[str, str]]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


class Teller:
    """Draws the story up to `today`, the midnight in which the present day of the workspace begins."""

    def __init__(self, today: datetime, seed: int = 1) -> None:
        self.today = today
        self.random = random.Random(seed)  # noqa: S311 - it has to be the same each time
        self.taken: set[str] = set()

    def tell(self) -> Story:
        story = Story()
        firms = [*cast.FIRMS, *self.random.choices(cast.FIRMS, k=CONTACTS - len(cast.FIRMS))]
        story.people = sorted((self.person(firm) for firm in firms), key=lambda person: person.moment)
        met: dict[Firm, Person] = {}
        for person in story.people:
            met.setdefault(person.firm, person)
        story.firms = [(each.moment, firm, each.seller, self.firm_fields(firm)) for firm, each in met.items()]
        for number, person in enumerate(story.people):
            story.events += self.events(number, person)
        story.events.sort(key=lambda event: event.moment)
        return story

    def firm_fields(self, firm: Firm) -> dict[str, str]:
        return {
            "phone": self.phone(COUNTRIES[firm.country]),
            "website": f"https://www.{firm.domain}.example",
            "notes": self.random.choice(["", *talk.COMPANY_NOTES]),
        }

    def person(self, firm: Firm) -> Person:
        draw = self.random
        first_name, surname, second = draw.choice(cast.FIRST_NAMES), *draw.sample(cast.SURNAMES, 2)
        days_ago = 1 + int(LONGEST_AGO * draw.random() ** 1.7)  # more of them lately: business grows
        return Person(
            moment=self.working_hour(self.today - timedelta(days=days_ago)),
            firm=firm,
            seller=draw.choice(SALES if draw.random() < 0.9 else MANAGERS),
            is_assigned=draw.random() < 0.85,
            fields={
                "first_name": first_name,
                "last_name": f"{surname} {second}",
                "email": self.address(first_name, surname, second, firm),
                "phone": self.phone(COUNTRIES[firm.country]) if draw.random() < 0.92 else "",
                "job_title": draw.choice(cast.JOBS),
                "address": firm.address,
                "notes": draw.choice(talk.CONTACT_NOTES) if draw.random() < 0.4 else "",
            },
        )

    def events(self, number: int, person: Person) -> list[Event]:
        """What happens with a person, day after day, as far as there were days."""
        draw = self.random
        reaches = draw.choices(["lead", "in_progress", "active"], [40, 30, 30])[0]
        steps: list[talk.Entry | str] = [draw.choice(talk.OPENING)]
        if reaches != "lead":
            steps += ["in_progress", draw.choice(talk.MIDDLE)]
        if reaches == "active":
            steps += ["active", *draw.sample(talk.CLOSING, draw.choice([1, 1, 2]))]
        words = self.words(person)
        happened, moment = [], person.moment
        for step in steps:
            moment = self.after(moment, days=draw.expovariate(1 / 6))
            if moment >= self.today:
                break
            event = Event(moment, number, person.seller)
            if isinstance(step, str):
                event.stage = step
            else:
                event.entry = step._replace(description=step.description.format_map(words))
            happened.append(event)
        return happened

    def words(self, person: Person) -> dict[str, str]:
        country = COUNTRIES[person.firm.country]
        amount = f"{self.random.randrange(5, 60) * country.price // 2:,}".replace(",", country.thousands)
        return {
            "person": f"{person.fields['first_name']} {person.fields['last_name'].split()[0]}",
            "firm": person.firm.name,
            "place": self.random.choice(talk.PLACES),
            "area": str(self.random.randrange(40, 900, 10)),
            "price": f"{country.currency} {amount}",
        }

    def address(self, first_name: str, surname: str, second: str, firm: Firm) -> str:
        """An e-mail address at the firm, in a domain that is reserved for examples; no two people have the same."""
        name = folding.fold(f"{first_name.split()[0]}.{surname}")
        address = f"{name}@{firm.domain}.example"
        if address in self.taken:
            address = f"{name}.{folding.fold(second)}@{firm.domain}.example"
        self.taken.add(address)
        return address

    def phone(self, country: Country) -> str:
        """A valid mobile number of the country that nobody else here has."""
        while True:
            digits = "".join(str(self.random.randrange(10)) if char == "X" else char for char in country.mobile)
            number = phones.e164(digits, country.code)
            if number is not None and number not in self.taken:
                self.taken.add(number)
                return number

    def after(self, moment: datetime, *, days: float) -> datetime:
        """That many days and an hour later, or the working hour that follows."""
        later = moment + timedelta(hours=1, seconds=int(days * 86_400))
        if later.weekday() < 5 and 8 <= later.hour < 18:
            return later
        while (later := later + timedelta(days=1)).weekday() >= 5:
            pass
        return self.working_hour(later)

    def working_hour(self, day: datetime) -> datetime:
        """Some time within the day's working hours; on Friday, if it is a weekend."""
        day -= timedelta(days=max(day.weekday() - 4, 0))
        second = self.random.randrange(8 * 3600, 18 * 3600)
        return day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(seconds=second)
