"""HTML as PDF. The only place that knows WeasyPrint, which needs Pango from the system.

A document extends `pdf/base.html`. What stands in it can read neither files nor addresses: nothing is fetched but the
fonts that lie beside that template.
"""

import ctypes
import gc
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, TypeVar

from django.core.checks import CheckMessage, Warning, register

from backend.core.errors import Unavailable

FOLDER = Path(__file__).parent.parent / "templates" / "pdf"
FONTS = {path.as_uri(): path for path in (FOLDER / "fonts").glob("*.ttf")}
REMEDY = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
PANGO = ("libpangoft2-1.0.so.0", "libpangoft2-1.0.0.dylib", "libpangoft2-1.0-0.dll")  # it brings the others

for name in ("weasyprint.progress", "fontTools"):  # the second works where libharfbuzz-subset is missing
    logging.getLogger(name).setLevel(logging.WARNING)
SLOWER = "Using fontTools instead of HarfBuzz-Subset"  # said for every document, as long as a package is missing
Made = TypeVar("Made")
_one_at_a_time = Lock()  # it is work for one core and much memory, and Pango is not made for threads


class Once(logging.Filter):
    """Lets what WeasyPrint says with every document through the first time only."""

    is_said = False

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.getMessage().startswith(SLOWER):
            return True
        was_said, self.is_said = self.is_said, True
        return not was_said


logging.getLogger("weasyprint").addFilter(Once())


class PdfUnavailable(Unavailable):
    """The libraries that write PDF are not on this machine. Fact: `remedy`, the command that brings them."""

    code = "pdf_engine_missing"


def render(html: str) -> bytes:
    """The document as PDF. A large one takes seconds, and waits for those of other threads.

    Raises `PdfUnavailable`.
    """
    return _lay_out(html, lambda document: bytes(document.write_pdf()))


def render_full_pages(html: str) -> tuple[bytes, int]:
    """All pages but the last, on which there may be place left, and how many elements with an `id` are on them.

    The last one is among them if it is the only one, or if what is on it can't begin another document: nothing that
    has an `id`, or what goes on from the page before. Raises `PdfUnavailable`.
    """
    return _lay_out(html, _full_pages)


def check_available() -> None:
    """Raises `PdfUnavailable`; far cheaper than to render."""
    if not _has_pango():
        raise PdfUnavailable(remedy=REMEDY)


@register()
def pango_is_there(app_configs: Any, **options: Any) -> list[CheckMessage]:
    if _has_pango():
        return []
    return [Warning("Pango is missing: no PDF can be made.", hint=f"Install it: {REMEDY}", id="pdf.pango")]


def _lay_out(html: str, use: Callable[[Any], Made]) -> Made:
    engine = _engine()
    with _one_at_a_time:
        made = use(engine.HTML(string=html, base_url=f"{FOLDER.as_uri()}/", url_fetcher=_fetcher()).render())
        _give_memory_back()
        return made


def _full_pages(document: Any) -> tuple[bytes, int]:
    *full, last = [set(page.anchors) for page in document.pages]
    if not full or not last or last & full[-1]:
        full.append(last)
    return bytes(document.copy(document.pages[: len(full)]).write_pdf()), len(set().union(*full))


def _engine() -> ModuleType:
    try:
        import weasyprint
    except OSError as problem:
        raise PdfUnavailable(remedy=REMEDY) from problem
    return weasyprint


def _give_memory_back() -> None:
    """What a large document took, hundreds of megabytes whose parts refer to each other, or the process keeps it."""
    gc.collect()
    with suppress(OSError, AttributeError):  # glibc alone has it, and needs it
        ctypes.CDLL("libc.so.6").malloc_trim(0)


@cache
def _fetcher() -> Any:
    """It has the fonts. What else is asked for becomes a line in the log and an empty place in the document."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFonts(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            if url not in FONTS:
                raise PermissionError(f"a document may not read {url[:100]}")
            return URLFetcherResponse(url, FONTS[url].read_bytes(), {"Content-Type": "font/ttf"})

    return OwnFonts()


@cache
def _has_pango() -> bool:
    return any(_loads(name) for name in PANGO)


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
