"""A year of nights and mornings in two time zones: each alert once on its day, each contract over after its end."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.core.local_time import moment_of
from backend.modules.contracts import tasks
from backend.modules.contracts.actions import settings
from backend.modules.contracts.models import Contract, Payment, PaymentStatus, Status
from backend.modules.ledger.models import Entry
from backend.modules.notifications.models import Notification, OutboundEmail
from tests import make, people
from worker import tasks as nightly
from worker.schedule import NIGHTLY

pytestmark = pytest.mark.django_db

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
BEGIN = datetime(2026, 1, 1, 14, tzinfo=UTC)
# In Santiago the clocks jump over half past midnight on 6 September, in Madrid over half past two on 29 March.
PLACES = {"America/Santiago": time(0, 30), "Europe/Madrid": time(2, 30)}
CONTRACTS = 120  # in each
STEPS = (30, 15, 7, 1)


def around(moment: datetime) -> list[datetime]:
    """The moment, and once in ten days the second before it."""
    return [moment - SECOND, moment] if moment.toordinal() % 10 == 0 else [moment]


class Place:
    """A workspace whose manager looks after its contracts, all of which were made as the year began."""

    def __init__(self, zone: str, draw: random.Random) -> None:
        self.zone, self.at = ZoneInfo(zone), PLACES[zone]
        workspace = people.workspace(zone)
        workspace.time_zone = zone
        people.writing(workspace.pk, workspace.save)
        self.manager = people.person(f"manager of {zone}".replace("/", " "), workspace, "manager")
        self.actor = self.manager.actor
        settings.change(self.actor, alert_at=self.at)
        self.contracts = [self._contract(draw) for _ in range(CONTRACTS)]
        self.payments = [self._payment(draw, each) for each in self.contracts[: CONTRACTS // 4] if each.ends_on]

    def _contract(self, draw: random.Random) -> Contract:
        ends_on = draw.choice([FIRST + draw.randrange(2, 420) * DAY] * 9 + [None])
        status = draw.choice([Status.ACTIVE] * 8 + [Status.DRAFT])
        return make.contract(self.actor, status=status, ends_on=ends_on)

    def _payment(self, draw: random.Random, contract: Contract) -> Payment:
        return make.payment(self.actor, contract, due_on=draw.choice([contract.ends_on, FIRST + 5 * DAY]))

    def midnight(self, day: date) -> datetime:
        return moment_of(day, time(0), self.zone)

    def morning(self, day: date) -> datetime:
        return moment_of(day, self.at, self.zone)

    def alerts(self) -> Counter[tuple[int, str, datetime]]:
        """What is to be told: of which contract, what, when. The time for alerts of the first day has passed."""
        ends = [each for each in self.contracts if each.status == Status.ACTIVE and each.ends_on]
        found = [(each.pk, "contract_ending", each.ends_on - step * DAY) for each in ends for step in STEPS]
        for each in self.payments:
            if each.contract.status == Status.ACTIVE:
                found += [(each.contract_id, "contract_payment_due", each.due_on - 3 * DAY)]
                found += [(each.contract_id, "contract_payment_late", each.due_on + DAY)]
        days = [(pk, kind, max(day, FIRST + DAY)) for pk, kind, day in found if FIRST <= day <= LAST]
        return Counter((pk, kind, self.morning(day)) for pk, kind, day in days)

    def over(self) -> Counter[tuple[int, datetime]]:
        """Which contracts are over, and when."""
        ended = [each for each in self.contracts if each.status == Status.ACTIVE and each.ends_on]
        return Counter((each.pk, self.midnight(each.ends_on + DAY)) for each in ended if each.ends_on < LAST)


@pytest.fixture
def year(clock, at_work, monkeypatch) -> list[Place]:
    """The places, after a year in which the sweeps came around each midnight and each time for alerts."""
    for name in set(NIGHTLY) - {"begin the day of contracts"}:
        monkeypatch.delitem(NIGHTLY, name)
    clock.now = BEGIN
    draw = random.Random(7)  # noqa: S311 - the same year every time
    places = [Place(zone, draw) for zone in PLACES]
    days = [FIRST + number * DAY for number in range((LAST - FIRST).days + 1)]
    nights = {(moment, "night") for place in places for day in days for moment in around(place.midnight(day))}
    mornings = {(moment, "morning") for place in places for day in days for moment in around(place.morning(day))}
    sweeps = {"night": nightly.run_due_nightly_jobs, "morning": tasks.tell_due}
    for sweep in sweeps.values():
        sweep()
    for moment, kind in sorted(each for each in nights | mornings if each > (clock.now, "")):
        clock.now = moment
        sweeps[kind]()
    return places


def test_a_year_tells_everything_once_on_its_day_and_ends_each_contract_the_night_after(year):
    for place in year:
        notices = Notification.objects.of(place.actor).values_list("subject_id", "kind", "created_at")
        mails = OutboundEmail.objects.of(place.actor).values_list("template", "created_at")
        expected = place.alerts()
        assert Counter(notices) == expected
        assert Counter(mails) == Counter((kind, moment) for _, kind, moment in expected.elements())
        entries = Entry.objects.of(place.actor).filter(action="contract.expire")
        assert Counter(entries.values_list("record_id", "created_at")) == place.over()
        assert set(entries.values_list("username", "user_id")) == {("system", None)}
        late = Payment.objects.of(place.actor).filter(status=PaymentStatus.LATE).values_list("pk", flat=True)
        due = [each for each in place.payments if each.contract.status == Status.ACTIVE and each.due_on < LAST]
        assert set(late) == {each.pk for each in due}
