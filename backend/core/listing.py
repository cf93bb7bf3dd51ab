"""Lists: orderings, the part of a list that is wanted, counts that stay cheap on large tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, OrderBy, QuerySet

from backend.core import tally
from backend.core.actor import Actor
from backend.core.compiled import CompiledRows
from backend.core.recording import RecordedModel

LARGEST_PAGE = 100
NEAR = 1000  # rows


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

    @property
    def is_near(self) -> bool:
        """Whether it lies so near the beginning that skipping the rows before it costs nothing to speak of."""
        return self.offset <= NEAR


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
    terms = [_term(rows.model, fields[name.removeprefix("-")], descending=name.startswith("-")) for name in names]
    return rows.order_by(*terms, "-id" if names[0].startswith("-") else "id")


def _term(model: type[Model], field: str, *, descending: bool) -> OrderBy:
    """Empty values last. A column that has none is ordered as it is, which an index can do."""
    last = True if _may_be_empty(model, field) else None
    return F(field).desc(nulls_last=last) if descending else F(field).asc(nulls_last=last)


@cache
def _may_be_empty(model: type[Model], field: str) -> bool:
    try:
        return bool(model._meta.get_field(field).null)
    except FieldDoesNotExist:  # of a related record, or computed
        return True


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

    Far down, the ids of the page are found first and its rows looked up by id, which costs a tenth of an OFFSET over
    whole rows.
    """
    if wanted.is_near:
        found = list(rows.values("id", *fields, **expressions)[wanted.offset : wanted.offset + wanted.size + 1])
        return _page(found, wanted, count)
    ids = list(rows.values_list("pk", flat=True)[wanted.offset : wanted.offset + wanted.size + 1])
    by_id = {row["id"]: row for row in rows.order_by().filter(pk__in=ids).values("id", *fields, **expressions)}
    return _page([by_id[pk] for pk in ids if pk in by_id], wanted, count)


def compiled_page(rows: CompiledRows, actor: Actor, wanted: Window, *, count: Count) -> Page:
    """The same of rows whose query is kept. Only for a window that is near."""
    return _page(rows.fetch(actor, offset=wanted.offset, size=wanted.size + 1), wanted, count)


def page_of_all(rows: list[dict[str, Any]], wanted: Window) -> Page:
    """The wanted part of a short list of which every row is there already."""
    return _page(rows[wanted.offset : wanted.offset + wanted.size + 1], wanted, Count(len(rows)))


def _page(found: list[dict[str, Any]], wanted: Window, count: Count) -> Page:
    """`found` may have one row more than is wanted, which tells that a page follows."""
    rows = found[: wanted.size]
    seen = max(count.rows, wanted.offset + len(rows)) if rows else count.rows  # never fewer than were shown
    return Page(rows, Count(seen, count.exact), wanted, has_next=len(found) > wanted.size)
