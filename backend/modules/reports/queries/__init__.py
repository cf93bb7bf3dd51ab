"""Figures over the other modules, a file a report. Each is as of now, whether it is kept (`kept.py`) or computed."""

from datetime import date
from decimal import Decimal

from backend.core import permissions
from backend.core.errors import Invalid

VIEW = permissions.declare("reports.view", "Read reports", roles={"manager", "sales"})
ZERO = Decimal("0.00")


class PeriodReversed(Invalid):
    """The period ends before it begins."""

    code = "period_reversed"
    field = "first"


def check_period(first: date | None, last: date | None) -> None:
    """Raises `PeriodReversed`. A period without a first or a last day has no end on that side."""
    if first is not None and last is not None and first > last:
        raise PeriodReversed


def percentage(part: int, whole: int) -> float:
    """`part` per hundred of `whole`, with two places; 0 of nothing."""
    return round(100 * part / whole, 2) if whole else 0.0
