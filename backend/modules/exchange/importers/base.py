from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from backend.core import folding
from backend.core.actor import Actor
from backend.modules.exchange.mapping import Record

Result = Literal["created", "updated", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Options:
    """What a file does not say of its rows: the currency of new opportunities, the domain of made-up e-mail addresses,
    and the price list (see `products.py`), None where there is none to compare with.
    """

    currency: str = "USD"
    email_domain: str = "example.invalid"
    products: Mapping[str, str] | None = None


class Importer:
    """Brings records of one kind into the actor's workspace."""

    def __init__(self, actor: Actor, options: Options) -> None:
        self.actor = actor
        self.options = options

    def look_up(self, records: Sequence[Record]) -> None:
        """Look up what taking these records needs: a batch begins, or one of its rows was taken back."""

    def take(self, record: Record) -> Result:
        """Create, update or confirm the one that the record is about. Raises `RowRefused` and domain errors."""
        raise NotImplementedError


def with_notes(record: Record, fields: dict[str, Any], stored: str) -> None:
    """Put the notes into the fields, unless the row has nothing to say there; `stored` are those of today."""
    if record.rest or "notes" in fields:
        fields["notes"] = record.notes(stored)


def with_name_in_parts(fields: dict[str, Any]) -> None:
    if "full_name" in fields:
        fields["first_name"], fields["last_name"] = folding.split_name(fields.pop("full_name"))
