"""The workspace's business at a glance."""

from dataclasses import dataclass, field
from decimal import Decimal

from backend.core.actor import Actor
from backend.modules.activities.models import Kind, Status
from backend.modules.opportunities import queries as opportunities
from backend.modules.opportunities.models import Outcome, Stage
from backend.modules.reports.queries import VIEW, ZERO, kept
from backend.modules.reports.queries.kept import Group


@dataclass(frozen=True, slots=True)
class Values:
    """Sums of opportunities' values, the currencies added as they are and each for itself.

    `weighted` is the value of the open ones by their probability.
    """

    open: Decimal
    weighted: Decimal
    won: Decimal
    lost: Decimal
    by_currency: dict[str, "Values"] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        return self.open + self.won + self.lost


@dataclass(frozen=True, slots=True)
class InStage:
    """The opportunities that stand in one stage."""

    count: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    companies: int
    contacts: int
    opportunities: int
    open: int
    won: int
    lost: int
    activities: int
    pending_activities: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Counts and sums. `by_stage` goes by the stage's key, in order, `activities` by kind; none is left out for a 0."""

    totals: Totals
    values: Values
    by_stage: dict[str, InStage]
    activities: dict[str, int]


def dashboard(actor: Actor) -> Dashboard:
    """What there is as of now. All figures are of one moment, so that they agree."""
    actor.require(VIEW)
    found = kept.read(actor, *kept.DEALS, "companies", "contacts", "activities", "activities.by_status")
    stages = opportunities.stages(actor)
    deals, by_kind = kept.groups(found, stages), found["activities"]
    totals = Totals(
        companies=sum(found["companies"].values()),
        contacts=sum(found["contacts"].values()),
        opportunities=_count(deals),
        open=_count(_having(deals, Outcome.OPEN)),
        won=_count(_having(deals, Outcome.WON)),
        lost=_count(_having(deals, Outcome.LOST)),
        activities=sum(by_kind.values()),
        pending_activities=found["activities.by_status"].get(Status.PENDING, 0),
    )
    return Dashboard(
        totals=totals,
        values=_values(deals),
        by_stage={stage.key: _in_stage(deals, stage) for stage in stages},
        activities={kind.value: by_kind.get(kind, 0) for kind in Kind},
    )


def _values(deals: list[Group]) -> Values:
    by_currency = {
        currency: _values_in_one([deal for deal in deals if deal.currency == currency])
        for currency in sorted({deal.currency for deal in deals})
    }
    each = by_currency.values()
    return Values(
        open=sum((values.open for values in each), ZERO),
        weighted=sum((values.weighted for values in each), ZERO),
        won=sum((values.won for values in each), ZERO),
        lost=sum((values.lost for values in each), ZERO),
        by_currency=by_currency,
    )


def _values_in_one(deals: list[Group]) -> Values:
    """The sums of one currency. The weighted one is rounded once, as that of a list is."""
    open_ = _having(deals, Outcome.OPEN)
    return Values(
        open=_value(open_),
        weighted=opportunities.cents(sum((deal.weighted for deal in open_), ZERO)),
        won=_value(_having(deals, Outcome.WON)),
        lost=_value(_having(deals, Outcome.LOST)),
    )


def _in_stage(deals: list[Group], stage: Stage) -> InStage:
    here = [deal for deal in deals if deal.stage == stage]
    return InStage(_count(here), _value(here))


def _having(deals: list[Group], outcome: str) -> list[Group]:
    return [deal for deal in deals if deal.stage.outcome == outcome]


def _count(deals: list[Group]) -> int:
    return sum(deal.count for deal in deals)


def _value(deals: list[Group]) -> Decimal:
    return sum((deal.value for deal in deals), ZERO)
