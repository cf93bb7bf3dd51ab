"""Numbered pages as both Django-REST-like dialects have them: the number that came, the addresses that go out."""

from collections.abc import Mapping

from django.http import HttpRequest

from backend.core import listing
from backend.core.errors import Fault, Malformed, PageNotFound
from backend.dialects.wire import LARGEST_ID


def page_number(page: str) -> int:
    """The number of a page; anything that is not one is a page that does not exist."""
    if not (page.isascii() and page.isdigit() and 0 < int(page[:20]) <= LARGEST_ID // listing.LARGEST_PAGE):
        raise PageNotFound(page=page)
    return int(page)


def ordering(wanted: str | None, words: Mapping[str, str]) -> str | None:
    """The wanted ordering in the domain's words; one word of a dialect may stand for several, with commas.

    Raises `Malformed` for a word that the dialect does not have.
    """
    if not wanted:
        return None
    terms: list[str] = []
    for term in wanted.split(","):
        word = term.strip().removeprefix("-")
        if word not in words:
            raise Malformed([Fault(("query", "ordering"), "choice", {"value": word, "choices": sorted(words)})])
        sign = "-" if term.strip().startswith("-") else ""
        terms.extend(sign + name for name in words[word].split(","))
    return ",".join(terms)


def neighbours(request: HttpRequest, page: listing.Page) -> tuple[str | None, str | None]:
    """The addresses of the next and the previous page, None at the ends."""
    return (
        _address(request, page.number + 1) if page.has_next else None,
        _address(request, page.number - 1) if page.has_previous else None,
    )


def _address(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    if number == 1:
        del query["page"]
    encoded = query.urlencode()
    return request.build_absolute_uri(request.path + (f"?{encoded}" if encoded else ""))
