"""Lists: orderings, the part of a list that is wanted, counts that stay cheap on large tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.db.models import F, OrderBy, QuerySet

from backend.core import tally
from backend.core.actor import Actor
from backend.core.recording import RecordedModel

LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a list has; `exact` is False where counting stopped at the bound."""

    rows: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list that is wanted: `size` rows after the first `offset`.

    `ordering` is a comma-separated list of the list's own names of orderings, each with an optional `-`; None leaves it
    to the list.
    """

    size: int = 20
    offset: int = 0
    ordering: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The plain rows of a window, and what is around them."""

    rows: list[dict[str, Any]]
    count: Count
    window: Window
    has_next: bool


def order(rows: QuerySet, wanted: Window, fields: Mapping[str, str], *, default: str) -> QuerySet:
    """Order as is wanted; `fields` has the field of each name of an ordering.

    The id comes last, so that the order is total and pages never overlap.
    """
    names = [name.strip() for name in (wanted.ordering or default).split(",")]
    terms = [_term(fields[name.removeprefix("-")], descending=name.startswith("-")) for name in names]
    return rows.order_by(*terms, "-id" if names[0].startswith("-") else "id")


def _term(field: str, *, descending: bool) -> OrderBy:
    return F(field).desc(nulls_last=True) if descending else F(field).asc(nulls_last=True)


def count_by_tally(actor: Actor, model: type[RecordedModel], values: Iterable[str]) -> Count:
    """The workspace's rows whose `counted_by` field has one of the values: a maintained figure, exact at any size."""
    return Count(tally.total(cast(int, actor.workspace_id), model, values))


def count_up_to_bound(rows: QuerySet) -> Count:
    """The filtered rows, exactly up to the setting COUNT_BOUND; beyond it the bound, not exact."""
    bound = settings.COUNT_BOUND
    counted = rows.order_by().values("pk")[: bound + 1].count()
    return Count(min(counted, bound), exact=counted <= bound)


def page(rows: QuerySet, wanted: Window, *, count: Count, fields: Iterable[str], **expressions: Any) -> Page:
    """The wanted part of the ordered rows, as dicts of `fields` and `expressions`; empty past the end.

    The ids of the page are found first and its rows looked up by id, which costs a tenth of an OFFSET over whole rows.
    """
    first = wanted.offset
    ids = list(rows.values_list("pk", flat=True)[first : first + wanted.size + 1])  # one more: does a page follow?
    has_next = len(ids) > wanted.size
    ids = ids[: wanted.size]
    found = {row["id"]: row for row in rows.order_by().filter(pk__in=ids).values("id", *fields, **expressions)}
    seen = Count(max(count.rows, first + len(ids)) if ids else count.rows, count.exact)  # never fewer than were shown
    return Page([found[pk] for pk in ids if pk in found], seen, wanted, has_next)
