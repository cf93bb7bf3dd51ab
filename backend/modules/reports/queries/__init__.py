"""Figures over the other modules, a file a report. Each is computed from the rows as they are now."""

from decimal import Decimal

from backend.core import permissions

VIEW = permissions.declare("reports.view", "Read reports", roles={"manager", "sales"})
ZERO = Decimal("0.00")


def percentage(part: int, whole: int) -> float:
    """`part` per hundred of `whole`, with two places; 0 of nothing."""
    return round(100 * part / whole, 2) if whole else 0.0
