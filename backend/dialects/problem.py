"""Whatever goes wrong becomes one kind of error before the dialect puts it into words."""

from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest
from ninja.errors import AuthenticationError, HttpError
from ninja.parser import Parser

from backend.core import errors
from backend.core.errors import DomainError, Fault

# The kinds of error and their status; a dialect may answer some of them otherwise.
STATUS: dict[type[DomainError], int] = {
    errors.Unauthenticated: 401,
    errors.PermissionDenied: 403,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.TooLarge: 413,
    errors.UnsupportedMediaType: 415,
    errors.RuleViolated: 422,
    errors.TooManyAttempts: 429,
    errors.Unavailable: 503,
    errors.ServerError: 500,
    errors.DomainError: 400,
}

# pydantic's words for what is wrong with a field, and ours, for which every dialect has a sentence.
FAULTS = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "blank",
    "too_short": "blank",
    "string_type": "not_text",
    "string_unicode": "not_text",
    "null_character": "null_character",
    "int_type": "not_integer",
    "int_parsing": "not_integer",
    "int_parsing_size": "not_integer",
    "int_from_float": "not_integer",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_large",
    "not_email": "not_email",
    "decimal_type": "not_decimal",
    "decimal_parsing": "not_decimal",
    "finite_number": "not_decimal",
    "decimal_max_digits": "too_many_digits",
    "decimal_max_places": "too_many_digits",
    "decimal_whole_digits": "too_many_digits",
    "date_type": "not_date",
    "date_parsing": "not_date",
    "date_from_datetime_parsing": "not_date",
    "date_from_datetime_inexact": "not_date",
    "datetime_type": "not_datetime",
    "datetime_parsing": "not_datetime",
    "datetime_from_date_parsing": "not_datetime",
    "timezone_aware": "not_datetime",
    "not_url": "not_url",
    "not_time": "not_time",
    "passwords_differ": "passwords_differ",
    "choice": "choice",
    "model_type": "not_object",
    "model_attributes_type": "not_object",
    "dict_type": "not_object",
}


class JsonParser(Parser):
    """Bodies are JSON in UTF-8; what is not is refused before any field is looked at."""

    def parse_body(self, request: HttpRequest) -> Any:
        content_type = (request.content_type or "").lower()
        if content_type and content_type != "application/json" and not content_type.endswith("+json"):
            raise errors.UnsupportedMediaType(media_type=request.content_type)
        return parsed(request.body)


def parsed(body: bytes) -> Any:
    """What the JSON says. Raises `BrokenJson`."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise errors.BrokenJson(reason=str(error)) from None


def status(error: DomainError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def as_domain_error(error: Exception) -> DomainError:
    """The domain's word for an exception; `ServerError` for one that nobody expected."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, AuthenticationError):
        return errors.Unauthenticated()
    if isinstance(error, HttpError):
        return _of_status(error)
    if isinstance(error, Http404):
        return errors.NotFound()
    if isinstance(error, RequestDataTooBig):
        return errors.TooLarge()
    if isinstance(error, SuspiciousOperation):
        return errors.BrokenJson(reason="the request is not acceptable")
    if isinstance(error, IntegrityError):  # a parallel change took away, between check and commit, what this one needs
        return errors.Conflict()
    if isinstance(error, OperationalError | InterfaceError):
        return errors.Unavailable(dependency="database")
    return errors.ServerError()


def _of_status(error: HttpError) -> DomainError:
    cause = error.__context__
    if isinstance(cause, DomainError | RequestDataTooBig):  # raised by the parser, wrapped by ninja
        return as_domain_error(cause)
    return errors.BrokenJson(reason=error.message) if error.status_code == 400 else errors.ServerError()


def fault(raw: Any, source: str, path: tuple[str | int, ...]) -> Fault:
    """One of pydantic's errors as a fault at `path` in the `source`: body, query, path, form or header."""
    facts = dict(raw.get("ctx") or {})
    code = FAULTS.get(raw["type"], "invalid")
    if raw["input"] is None and code not in ("required", "not_object"):
        code = "null"
    limit = next((facts[name] for name in ("max_length", "min_length", "le", "ge") if name in facts), None)
    return Fault(
        (source, *path),
        code,
        {"value": raw["input"], "limit": limit, "message": raw["msg"], "type": raw["type"]} | facts,
    )
