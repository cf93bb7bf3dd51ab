"""Lists: allowed orderings, numbered pages, counts that stay cheap on large tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.db.models import F, OrderBy, QuerySet

from backend.core import tally
from backend.core.actor import Actor
from backend.core.errors import Fault, Malformed, PageNotFound
from backend.core.recording import RecordedModel

LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a list has; `exact` is False where counting stopped at the bound."""

    rows: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """One numbered page of plain rows, and what is around it."""

    rows: list[dict[str, Any]]
    count: Count
    number: int
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1


def order(rows: QuerySet, wanted: str | None, *, allowed: Mapping[str, str], default: str) -> QuerySet:
    """Order by `wanted`, a comma-separated list of the `allowed` names, each with an optional `-`.

    `allowed` maps the wire's names to the fields. The id comes last, so that the order is total and pages never
    overlap. Raises `Malformed` for a name that is not allowed.
    """
    terms: list[OrderBy] = []
    names = [name.strip() for name in (wanted or default).split(",") if name.strip()]
    for name in names:
        field = allowed.get(name.removeprefix("-"))
        if field is None:
            raise Malformed([Fault(("query", "ordering"), "choice", {"value": name, "choices": sorted(allowed)})])
        terms.append(F(field).desc(nulls_last=True) if name.startswith("-") else F(field).asc(nulls_last=True))
    last = F("id").desc() if names and names[0].startswith("-") else F("id").asc()
    return rows.order_by(*terms, last)


def count_by_tally(actor: Actor, model: type[RecordedModel], values: Iterable[str]) -> Count:
    """The workspace's rows whose `counted_by` field has one of the values: a maintained figure, exact at any size."""
    return Count(tally.total(cast(int, actor.workspace_id), model, values))


def count_up_to_bound(rows: QuerySet) -> Count:
    """The filtered rows, exactly up to the setting COUNT_BOUND; beyond it the bound, not exact."""
    bound = settings.COUNT_BOUND
    counted = rows.order_by().values("pk")[: bound + 1].count()
    return Count(min(counted, bound), exact=counted <= bound)


def paginate(
    rows: QuerySet, *, count: Count, number: int, size: int, fields: Iterable[str], **expressions: Any
) -> Page:
    """Page `number` of the ordered rows, as dicts of `fields` and `expressions`.

    The ids of the page are found first and its rows looked up by id, which costs a tenth of an OFFSET over whole rows.
    Raises `PageNotFound` past the end; page 1 of an empty list is an empty page.
    """
    first = (number - 1) * size
    ids = list(rows.values_list("pk", flat=True)[first : first + size + 1])  # one more tells whether a page follows
    if not ids and number > 1:
        raise PageNotFound(page=number)
    has_next = len(ids) > size
    ids = ids[:size]
    found = {row["id"]: row for row in rows.order_by().filter(pk__in=ids).values("id", *fields, **expressions)}
    seen = Count(max(count.rows, first + len(ids)), count.exact)  # never fewer than the pages so far have shown
    return Page([found[pk] for pk in ids if pk in found], seen, number, has_next)
