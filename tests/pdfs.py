"""Reading PDF back, and saying where it can't be made."""

import os
from io import BytesIO

import pytest
from pypdf import PdfReader

from backend.core import pdf

needs_pango = pytest.mark.skipif(
    not pdf._has_pango() and os.environ.get("CI") != "true",  # in CI it has to be there
    reason=f"Pango is missing: {pdf.REMEDY}",
)


def pages(content: bytes) -> list[str]:
    """The text of each page, its lines cut as they are there."""
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def text(content: bytes) -> str:
    """All text, its white space as one blank each."""
    return " ".join(" ".join(pages(content)).split())


def fonts(content: bytes) -> set[str]:
    """The names of its fonts without the mark of a subset; each is embedded."""
    found = set()
    for page in PdfReader(BytesIO(content)).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            [inner] = font.get_object()["/DescendantFonts"]
            descriptor = inner.get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
            found.add(str(font.get_object()["/BaseFont"]).rpartition("+")[2])
    return found
