"""A PDF of many pages, laid out a part at a time: the memory that this takes is that of one part.

book = LongPdf()
placed = book.add(html)  # the rest of it begins the next part
book.end(html_of_the_rest)
book.write(file, margins)
"""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import BinaryIO

from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from backend.core import pdf

LANGUAGE = NameObject("/Lang")
AT_ONCE = 100  # pages whose margins are laid out at a time
Margins = Callable[[Sequence[int], int], str]  # the HTML of those of the pages of these numbers, of so many in all


class LongPdf:
    """Parts become pages of one document. Only its end knows how many these are, so its margins come last."""

    def __init__(self) -> None:
        self._pages = PdfWriter()

    def add(self, html: str) -> int:
        """Lay out a part, and answer how many of its elements with an `id` have their place now.

        The others would have begun a page that is not full: they have to begin the next part. Raises `PdfUnavailable`.
        """
        content, placed = pdf.render_full_pages(html)
        self._append(content)
        return placed

    def end(self, html: str) -> None:
        """Lay out the last part, to its end. Raises `PdfUnavailable`."""
        self._append(pdf.render(html))

    def write(self, file: BinaryIO, margins: Margins) -> None:
        """Write it all, with what stands in the margins, which say what the file is, too. Raises `PdfUnavailable`."""
        pages = self._pages.pages
        for begin in range(0, len(pages), AT_ONCE):
            numbers = range(begin + 1, min(begin + AT_ONCE, len(pages)) + 1)
            printed = PdfReader(BytesIO(pdf.render(margins(numbers, len(pages)))))
            for number, margin in zip(numbers, printed.pages, strict=True):
                pages[number - 1].merge_page(margin)
                pages[number - 1].compress_content_streams()
        self._pages.metadata = printed.metadata
        self._pages.root_object[LANGUAGE] = printed.root_object[LANGUAGE]
        self._pages.write(file)

    def _append(self, content: bytes) -> None:
        for page in PdfReader(BytesIO(content)).pages:
            self._pages.add_page(page)
