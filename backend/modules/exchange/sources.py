"""The lists that can be exported. Each dialect's router declares its own; what it says stands in the file.

sources.declare(Source("sales.empresas", "Empresas", reading(FilterQuery, queries.to_export), COLUMNS))
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from backend.core.actor import Actor
from backend.core.errors import Invalid
from backend.core.tabular import Column


class UnknownSource(Invalid):
    """There is no list of this name. Facts: `value`, `choices`."""

    code = "unknown_source"
    field = "source"


@dataclass(frozen=True, slots=True)
class Source:
    """A list. `open` answers what the actor may see of it now, with these of its page's parameters.

    It raises `Malformed`, and what the list itself may. `name` is the dialect's and the list's: `sales.empresas`.
    `amounts` has, for each column that is money, the field that says its currency: both fields are columns.
    """

    name: str
    title: str
    open: Callable[[Actor, Mapping[str, Any]], QuerySet]
    columns: Sequence[Column]
    amounts: Mapping[str, str] = field(default_factory=dict)

    @property
    def filename(self) -> str:
        return self.name.partition(".")[2]


_sources: dict[str, Source] = {}


def declare(source: Source) -> None:
    _sources[source.name] = source


def names() -> list[str]:
    return sorted(_sources)


def title_of(name: str) -> str:
    """What the list is called; the name itself of one that is no more."""
    return _sources[name].title if name in _sources else name


def named(name: str) -> Source:
    """Raises `UnknownSource`."""
    if name not in _sources:
        raise UnknownSource(value=name, choices=", ".join(names()))
    return _sources[name]
