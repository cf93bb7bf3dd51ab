"""A list's rows as the columns of a file: the names of the wire, in the order of its shape."""

from datetime import datetime
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from backend.core.tabular import Column
from backend.dialects.wire import Vocabulary, Wire

YES_OR_NO = {True: "true", False: "false"}
TEXTS = (str, list, dict)  # a list or an object is one text in a file, which the query makes


def columns(shape: type[Wire], **fields: str) -> tuple[Column, ...]:
    """A column for each field of the shape, headed as the wire spells it, that shows the query's field of that name.

    `fields` has the query's field where it is called otherwise. A shape within the shape is no column, unless it is
    named here.
    """
    return tuple(
        _column(field.alias or name, fields.get(name, name), field.annotation, field.metadata)
        for name, field in shape.model_fields.items()
        if not field.exclude and (name in fields or not _has_shapes(field.annotation))
    )


def _column(header: str, field: str, annotation: Any, metadata: Any) -> Column:
    parts = _parts(annotation)
    vocabulary = next((each for each in (*metadata, *parts) if isinstance(each, Vocabulary)), None)
    if vocabulary is not None:
        return Column(header, field, words=vocabulary.words)
    if bool in parts:
        return Column(header, field, words=YES_OR_NO)
    if datetime in parts:
        return Column(header, field, "moment")
    return Column(header, field, "text" if any(kind in parts for kind in TEXTS) else "plain")


def _has_shapes(annotation: Any) -> bool:
    return any(isinstance(part, type) and issubclass(part, BaseModel) for part in _parts(annotation))


def _parts(annotation: Any) -> list[Any]:
    """What an annotation is made of: `Annotated[str, words] | None` of str, the words and None."""
    parts = [get_origin(annotation) or annotation]
    for each in get_args(annotation):
        parts += _parts(each)
    return parts
