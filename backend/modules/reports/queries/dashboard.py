"""The workspace's business at a glance."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from backend.core.actor import Actor
from backend.modules.activities import queries as activities
from backend.modules.activities.models import Kind, Status
from backend.modules.companies import queries as companies
from backend.modules.contacts import queries as contacts
from backend.modules.opportunities import queries as opportunities
from backend.modules.opportunities.models import Outcome
from backend.modules.reports.queries import VIEW, ZERO


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
    """What there is as of now. All figures of opportunities come from one statement, so that they agree."""
    actor.require(VIEW)
    deals, done = _opportunities(actor), _activities(actor)
    totals = Totals(
        companies=companies.visible_to(actor).count(),
        contacts=contacts.visible_to(actor).count(),
        opportunities=_rows(deals),
        open=_rows(deals, stage__outcome=Outcome.OPEN),
        won=_rows(deals, stage__outcome=Outcome.WON),
        lost=_rows(deals, stage__outcome=Outcome.LOST),
        activities=_rows(done),
        pending_activities=_rows(done, status=Status.PENDING),
    )
    return Dashboard(
        totals=totals,
        values=_values(deals),
        by_stage={stage.key: _in_stage(deals, stage.pk) for stage in opportunities.stages(actor)},
        activities={kind.value: _rows(done, kind=kind) for kind in Kind},
    )


def _opportunities(actor: Actor) -> list[dict[str, Any]]:
    rows = opportunities.visible_to(actor).order_by().values("stage_id", "stage__outcome", "currency")
    return list(rows.annotate(rows=Count("id"), sum=Sum("value"), weight=Sum(opportunities.WEIGHTED)))


def _activities(actor: Actor) -> list[dict[str, Any]]:
    rows = activities.visible_to(actor).order_by().values("kind", "status")
    return list(rows.annotate(rows=Count("id")))


def _values(groups: list[dict[str, Any]]) -> Values:
    by_currency = {
        currency: _values_in_one([group for group in groups if group["currency"] == currency])
        for currency in sorted({group["currency"] for group in groups})
    }
    each = by_currency.values()
    return Values(
        open=sum((values.open for values in each), ZERO),
        weighted=sum((values.weighted for values in each), ZERO),
        won=sum((values.won for values in each), ZERO),
        lost=sum((values.lost for values in each), ZERO),
        by_currency=by_currency,
    )


def _values_in_one(groups: list[dict[str, Any]]) -> Values:
    """The sums of one currency. The weighted one is rounded once, as that of a list is."""
    open_ = [group for group in groups if group["stage__outcome"] == Outcome.OPEN]
    return Values(
        open=_value(open_),
        weighted=opportunities.cents(sum((group["weight"] for group in open_), ZERO)),
        won=_value(groups, stage__outcome=Outcome.WON),
        lost=_value(groups, stage__outcome=Outcome.LOST),
    )


def _in_stage(groups: list[dict[str, Any]], stage_id: int) -> InStage:
    return InStage(_rows(groups, stage_id=stage_id), _value(groups, stage_id=stage_id))


def _rows(groups: list[dict[str, Any]], **wanted: Any) -> int:
    """How many rows there are in the groups that have these values."""
    return sum(group["rows"] for group in groups if _has(group, wanted))


def _value(groups: list[dict[str, Any]], **wanted: Any) -> Decimal:
    """What the rows are worth that are in the groups that have these values."""
    return sum((opportunities.cents(group["sum"]) for group in groups if _has(group, wanted)), ZERO)


def _has(group: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(group[name] == value for name, value in wanted.items())
