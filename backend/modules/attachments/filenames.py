"""What may be kept of the name that a file comes with, and of the type that it is said to have."""

import mimetypes
import re
import unicodedata

from django.conf import settings

from backend.core.errors import Invalid

LONGEST_NAME = 200
LONGEST_TYPE = 100
SPELLING = re.compile(r"([a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*)(; ?charset=[a-z0-9_-]+)?", re.ASCII | re.IGNORECASE)
# What does not print, or makes what follows print otherwise than it is: a right-to-left mark hides an ending.
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
ENDINGS = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "text/plain": (".txt",),
    "text/csv": (".csv",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (".pptx",),
    "application/vnd.oasis.opendocument.text": (".odt",),
    "application/vnd.oasis.opendocument.spreadsheet": (".ods",),
    "application/zip": (".zip",),
}


class FileTypeNotAllowed(Invalid):
    """Files of this type are not taken. Facts: `content_type`, `allowed`."""

    code = "file_type_not_allowed"
    field = "content_type"


class NoFilename(Invalid):
    """Nothing is left of the name of the file once what may not stand in one is gone."""

    code = "no_filename"
    field = "filename"


def allowed_type(given: str) -> str:
    """The type without its character set. Raises `FileTypeNotAllowed` unless the setting UPLOAD_TYPES has it."""
    spelled = SPELLING.fullmatch(given) if len(given) <= LONGEST_TYPE else None
    if spelled is None or spelled[1].lower() not in settings.UPLOAD_TYPES:
        raise FileTypeNotAllowed(content_type=given[:LONGEST_TYPE], allowed=", ".join(sorted(settings.UPLOAD_TYPES)))
    return spelled[1].lower()


def clean(given: str, content_type: str) -> str:
    """The name without folders and what does not print, of at most 200 characters, with an ending of its type.

    A name that ends otherwise gets the ending: what came as a document is not opened as a program. One without any
    ending stays as it is. Raises `NoFilename`.
    """
    shown = "".join(each for each in unicodedata.normalize("NFC", given) if unicodedata.category(each) not in INVISIBLE)
    name = re.split(r"[/\\]", shown)[-1].strip(" .")
    if not name:
        raise NoFilename
    stem, dot, ending = name.rpartition(".")
    if not dot:
        return name[:LONGEST_NAME]
    known = ENDINGS.get(content_type) or tuple(mimetypes.guess_all_extensions(content_type))
    if known and f".{ending}".lower() not in known:
        stem, ending = name, known[0][1:]
    return f"{stem[: LONGEST_NAME - 1 - len(ending)]}.{ending}"[:LONGEST_NAME]
