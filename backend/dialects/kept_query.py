"""The parameters of a list's page, kept to be read again later, as by an export."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from pydantic import ValidationError

from backend.core.actor import Actor
from backend.core.errors import DomainError, Fault, Malformed
from backend.dialects.problem import fault
from backend.dialects.wire import Wire

Rows = Callable[[Actor, Any], QuerySet]


class ListFilters(Wire):
    """The filters of a list as its page takes them."""

    def filters(self) -> Any:
        """What they are in the domain."""
        raise NotImplementedError


class NoFilters(ListFilters):
    """Of a list that is always the whole one."""

    def filters(self) -> None:
        return None


def kept(query: ListFilters) -> dict[str, Any]:
    """What was given, as the page would take it again."""
    return query.model_dump(mode="json", by_alias=True, exclude_none=True)


def reading(shape: type[ListFilters], rows: Rows) -> Callable[[Actor, Mapping[str, Any]], QuerySet]:
    """What gives kept parameters to the list again, read into the filters of the domain.

    It raises `Malformed`, for unknown ones as well, and what the list raises, which names the parameter as they do.
    """
    spelling = {name: field.alias or name for name, field in shape.model_fields.items()}
    known = set(spelling.values())

    def read(parameters: Mapping[str, Any]) -> Any:
        faults = [Fault(("filters", name), "unknown_field", {}) for name in parameters if name not in known]
        if faults:
            raise Malformed(faults)
        try:
            return shape.model_validate(dict(parameters)).filters()
        except ValidationError as error:
            raise Malformed([fault(raw, "filters", raw["loc"]) for raw in error.errors(include_url=False)]) from None

    def open_list(actor: Actor, parameters: Mapping[str, Any]) -> QuerySet:
        try:
            return rows(actor, read(parameters))
        except DomainError as error:
            error.field = error.field and spelling.get(error.field, error.field)
            raise

    return open_list


def reading_all(rows: Callable[[Actor], QuerySet]) -> Callable[[Actor, Mapping[str, Any]], QuerySet]:
    """The same for a list whose page takes no filters."""
    return reading(NoFilters, lambda actor, _: rows(actor))
