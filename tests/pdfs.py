"""Reading PDF back, and saying where it can't be made."""

import os
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from typing import Any
from unittest import mock

import pytest
from pypdf import PdfReader, PdfWriter

from backend.core import pdf

IS_MISSING = not pdf._has_pango() and os.environ.get("CI") != "true"  # in CI it has to be there
needs_pango = pytest.mark.skipif(
    IS_MISSING,
    reason=f"Pango is missing: {pdf.REMEDY}",
)


def printable() -> AbstractContextManager[Any]:
    """Within it whatever is printed can be: where Pango is missing, as a blank page."""
    if not IS_MISSING:
        return nullcontext()
    blank, made = PdfWriter(), BytesIO()
    blank.add_blank_page(width=595, height=842)
    blank.write(made)
    return mock.patch.multiple(pdf, check_available=lambda: None, render=lambda html: made.getvalue())


def pages(content: bytes) -> list[str]:
    """The text of each page, its lines cut as they are there."""
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def text(content: bytes) -> str:
    """All text, its white space as one blank each."""
    return " ".join(" ".join(pages(content)).split())


def properties(content: bytes) -> tuple[str, str, str]:
    """The title, the author and the language that programs are told."""
    reader = PdfReader(BytesIO(content))
    return reader.metadata.title, reader.metadata.author, str(reader.root_object.get("/Lang"))


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
