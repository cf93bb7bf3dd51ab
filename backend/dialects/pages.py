"""Numbered pages as the Django-REST-like dialects have them: the number that comes in, the addresses that go out."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, Self, TypeVar, get_args

from django.http import HttpRequest
from pydantic import Field

from backend.core import listing
from backend.core.errors import Fault, Malformed, PageNotFound
from backend.core.listing import LARGEST_PAGE, Window
from backend.dialects.wire import LARGEST_ID, Text, Wire

PAGE_SIZE = 20
Row = TypeVar("Row", bound=Wire)


class PageQuery(Wire):
    """Which page of a list, and how long a page is."""

    page: str = "1"
    page_size: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE

    def window(self) -> Window:
        return Window(size=self.page_size, offset=(_number(self.page) - 1) * self.page_size)


class OrderedPageQuery(PageQuery):
    """Which page of a list, and in which order: names with commas between them, each with an optional `-`."""

    ordering: Text | None = None

    def window_in(self, orderings: Mapping[str, str]) -> Window:
        """The window with its ordering in the domain's words, which `orderings` has for each of the dialect's.

        One word may stand for several with commas. Raises `Malformed` for a word that the dialect does not have.
        """
        window = self.window()
        terms = [_translated(term.strip(), orderings) for term in (self.ordering or "").split(",") if term.strip()]
        return Window(window.size, window.offset, ",".join(terms) or None)


class Counted(Wire):
    """A page that says how many rows there are in all, and in a header whether it gave up counting."""

    count_is_exact: bool = Field(default=True, exclude=True)

    def headers(self) -> dict[str, str]:
        return {} if self.count_is_exact else {"X-Count-Exact": "false"}


class LinkedPage(Counted, Generic[Row]):
    """One page of a list. `next` and `previous` are addresses, or null at the ends.

    A dialect derives its own and says what the rows are called.
    """

    count: int = Field(examples=[85])
    next: str | None = Field(examples=["http://localhost:8000/api/clients/?page=2"])
    previous: str | None = Field(examples=[None])

    @classmethod
    def of_page(
        cls, request: HttpRequest, found: listing.Page, *, shaped: Callable[[Any], Row] | None = None, **more: Any
    ) -> Self:
        """What was found, as it is sent: each row as `shaped` has it, or else `of`. Raises `PageNotFound`."""
        number = found.window.offset // found.window.size + 1
        if not found.rows and number > 1:
            raise PageNotFound(page=number)
        (shape,) = get_args(cls.model_fields["rows"].annotation)
        return cls(
            count=found.count.rows,
            next=_address(request, number + 1) if found.has_next else None,
            previous=_address(request, number - 1) if number > 1 else None,
            count_is_exact=found.count.exact,
            rows=[(shaped or shape.of)(row) for row in found.rows],
            **more,
        )


class ResultsPage(LinkedPage[Row], Generic[Row]):
    """One page of a list. `next` and `previous` are addresses, or null at the ends."""

    rows: list[Row] = Field(alias="results")


def _number(page: str) -> int:
    """The number of a page; anything that is not one is a page that does not exist."""
    if not (page.isascii() and page.isdigit() and 0 < int(page[:20]) <= LARGEST_ID // LARGEST_PAGE):
        raise PageNotFound(page=page)
    return int(page)


def _translated(term: str, orderings: Mapping[str, str]) -> str:
    word = term.removeprefix("-")
    if word not in orderings:
        raise Malformed([Fault(("query", "ordering"), "choice", {"value": word, "choices": sorted(orderings)})])
    sign = "-" if term.startswith("-") else ""
    return ",".join(sign + name for name in orderings[word].split(","))


def _address(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    if number == 1:
        del query["page"]
    encoded = query.urlencode()
    return request.build_absolute_uri(request.path + (f"?{encoded}" if encoded else ""))
