"""What was sold in a period, by day, week or month."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from backend.core.actor import Actor
from backend.modules.reports.queries import VIEW, ZERO, kept, periods
from backend.modules.reports.queries.kept import Won
from backend.modules.reports.queries.periods import Grouping


@dataclass(frozen=True, slots=True)
class Sold:
    """How many opportunities were won, and for how much, the currencies added as they are."""

    count: int
    value: Decimal
    by_currency: dict[str, "Sold"] = field(default_factory=dict)

    @property
    def average(self) -> Decimal:
        """The value of one; 0 of none."""
        return (self.value / self.count).quantize(ZERO, ROUND_HALF_UP) if self.count else ZERO


NOTHING = Sold(0, ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket(Sold):
    """A day, week or month, clipped to the period. `name` is as `2026-11-21`, `2026-W47` (ISO 8601), `2026-11`."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Period:
    """`first` and `last` are days, both included. `currency` None is all of them."""

    first: date
    last: date
    grouping: Grouping
    currency: str | None


@dataclass(frozen=True, slots=True)
class SalesReport:
    period: Period
    summary: Sold
    buckets: list[Bucket]


def sales(
    actor: Actor, *, first: date | None, last: date | None, grouping: str, currency: str | None = None
) -> SalesReport:
    """The won opportunities that were closed in the period, with a bucket for each day, week or month of it.

    Without `last` the period ends today, in the workspace's time zone; without `first` it has 30 days. `grouping` is
    a value of `Grouping`. Raises `PeriodReversed` and `TooManyBuckets`.
    """
    actor.require(VIEW)
    period = Period(*periods.usual(actor, first, last), Grouping(grouping), currency)
    spans = periods.spans(period.first, period.last, period.grouping)
    won = _won(actor, period)
    in_bucket: dict[str, list[Won]] = defaultdict(list)
    for each in won:
        in_bucket[periods.name_of(each.day, period.grouping)].append(each)
    return SalesReport(period, _sold(won), [_bucket(in_bucket[name], name, *days) for name, *days in spans])


def _won(actor: Actor, period: Period) -> list[Won]:
    """Count and value per day and currency, by currency."""
    won = kept.won(actor, period.first, period.last)
    return sorted((each for each in won if period.currency in (None, each.currency)), key=lambda each: each.currency)


def _bucket(groups: list[Won], name: str, first: date, last: date) -> Bucket:
    sold = _sold(groups)
    return Bucket(sold.count, sold.value, sold.by_currency, name=name, first=first, last=last)


def _sold(groups: list[Won]) -> Sold:
    by_currency: dict[str, Sold] = {}
    for group in groups:
        so_far = by_currency.get(group.currency, NOTHING)
        by_currency[group.currency] = Sold(so_far.count + group.count, so_far.value + group.value)
    found = by_currency.values()
    return Sold(sum(each.count for each in found), sum((each.value for each in found), ZERO), by_currency)
