"""Which companies buy most often."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Round

from backend.core.actor import Actor
from backend.modules.opportunities import queries as opportunities
from backend.modules.opportunities.models import Outcome
from backend.modules.reports.queries import VIEW, ZERO, check_period


@dataclass(frozen=True, slots=True)
class Wins:
    """How many opportunities were won, and the sum of their values."""

    wins: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class TopCompany(Wins):
    """The currencies are added as they are in `value`; `by_currency` has each for itself."""

    company_id: int
    company_name: str
    by_currency: dict[str, Wins]


def top_companies(actor: Actor, *, limit: int, first: date | None = None, last: date | None = None) -> list[TopCompany]:
    """The companies that won most opportunities of, by wins, then value, then the older company.

    `first` and `last` are days of the real close date, both included. Who won nothing does not appear.
    Raises `PeriodReversed`.
    """
    actor.require(VIEW)
    check_period(first, last)
    won = _won(actor, first, last)
    ranked = won.values("company_id").annotate(wins=Count("*"), sum=Round(Sum("value"), precision=2))
    top = ranked.order_by("-wins", "-sum", "company_id").values("company_id")[:limit]
    groups = won.filter(company_id__in=top).values("company_id", "company__name", "currency")
    by_company: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for group in groups.annotate(wins=Count("*"), sum=Sum("value")).order_by("currency"):
        by_company[group["company_id"]].append(group)
    found = [_company(groups_of_one) for groups_of_one in by_company.values()]
    return sorted(found, key=lambda each: (-each.wins, -each.value, each.company_id))


def _won(actor: Actor, first: date | None, last: date | None) -> QuerySet:
    """Those that were won on these days, asked for so that the index `opportunities_won` answers and no row is read."""
    stages = [stage for stage in opportunities.stages(actor) if stage.outcome == Outcome.WON]
    closed = opportunities.visible_to(actor).filter(stage__in=stages, company__isnull=False, closed_on__isnull=False)
    days = {"closed_on__gte": first, "closed_on__lte": last}
    return closed.order_by().filter(**{name: day for name, day in days.items() if day is not None})


def _company(groups: list[dict[str, Any]]) -> TopCompany:
    each = {group["currency"]: Wins(group["wins"], opportunities.cents(group["sum"])) for group in groups}
    return TopCompany(
        sum(wins.wins for wins in each.values()),
        sum((wins.value for wins in each.values()), ZERO),
        groups[0]["company_id"],
        groups[0]["company__name"],
        each,
    )
