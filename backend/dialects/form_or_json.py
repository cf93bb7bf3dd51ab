"""A body that may come as JSON or as a web form (`application/x-www-form-urlencoded`), for who sends from a page."""

from typing import Any, TypeVar
from urllib.parse import parse_qsl

from django.http import HttpRequest
from pydantic import ValidationError

from backend.core import errors
from backend.dialects.problem import fault, parsed
from backend.dialects.wire import Wire

W = TypeVar("W", bound=Wire)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
MOST_FIELDS = 100


def read(request: HttpRequest, shape: type[W]) -> W:
    """The body in this shape. Raises `Malformed`, `BrokenJson`, `TooLarge` and `UnsupportedMediaType`."""
    try:
        return shape.model_validate(_body(request))
    except ValidationError as problem:
        faults = [fault(raw, "body", raw["loc"]) for raw in problem.errors(include_url=False)]
        raise errors.Malformed(faults) from None


def described(shape: type[Wire]) -> dict[str, Any]:
    """The body as an OpenAPI document has it."""
    schema = shape.model_json_schema(by_alias=True)
    return {media: {"schema": schema} for media in (JSON, FORM)}


def _body(request: HttpRequest) -> Any:
    if request.content_type == FORM:
        return _form(request.body)
    if request.content_type == JSON:
        return parsed(request.body)
    raise errors.UnsupportedMediaType(media_type=request.content_type)


def _form(body: bytes) -> dict[str, str]:
    """Of a field that is there twice the last counts."""
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:  # not UTF-8, or too many fields
        raise errors.BrokenJson(reason=str(error)) from None
