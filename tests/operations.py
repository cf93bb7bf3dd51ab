"""The tables of the documented operations (`dialects/operations.csv`) and the added ones, and what is built of them."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from backend.api import DIALECTS
from backend.dialects.base import Dialect

DOCUMENTED = Path(__file__).parent / "dialects" / "operations.csv"
BESIDE_THEM = Path(__file__).parent / "dialects" / "added.csv"  # README of the contracts: "added"

# Crisol's own, which no document has: all of its operations are added ones.
OWN_DIALECT = "crisol"
# In the table's column of permissions: a door that is not the dialect's (tests/monitoring try it).
OWN_DOOR = "metrics"

BUILT: dict[str, Dialect] = {dialect.name: dialect for dialect in DIALECTS}
PAGES = {"OpenAPI JSON", "Swagger UI", "ReDoc"}  # notes of the rows that are pages, not operations of a document


def normalised(path: str) -> str:
    """The path with every placeholder spelled alike: `/clients/{id}`, whatever the id is called."""
    return re.sub(r"{[^}]*}", "{id}", path)


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table. `permission` is a codename, `self` (a login alone), `public`, or `OWN_DOOR`."""

    dialect: str
    method: str
    path: str
    status: int
    permission: str
    note: str

    def __str__(self) -> str:
        return f"{self.dialect} {self.method} {normalised(self.path)}"

    @property
    def is_public(self) -> bool:
        """Whether no token of the dialect is asked for."""
        return self.permission in ("public", OWN_DOOR)

    @property
    def needs_permission(self) -> bool:
        return not self.is_public and self.permission != "self"

    @property
    def is_page(self) -> bool:
        return self.note in PAGES

    @property
    def names_a_record(self) -> bool:
        return "{" in self.path


@cache
def table(file: Path = DOCUMENTED) -> tuple[Operation, ...]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [Operation(**row | {"status": int(row["status"])}) for row in csv.DictReader(lines)]  # type: ignore[arg-type]
    return tuple(rows)


def added() -> tuple[Operation, ...]:
    """The operations beside the documented ones."""
    return table(BESIDE_THEM)


def built() -> list[Operation]:
    """The rows, added ones as well, without documentation pages."""
    return [row for row in table() + added() if not row.is_page]


def pages() -> list[Operation]:
    """The documentation pages among the rows."""
    return [row for row in table() if row.is_page]


@cache
def document(dialect: str) -> dict[str, Any]:
    """The dialect's OpenAPI document."""
    return BUILT[dialect].api.get_openapi_schema(path_prefix=f"/{BUILT[dialect].mount}")


@cache
def published() -> dict[str, dict[str, Any]]:
    """Every operation of every OpenAPI document, by the name that `str(operation)` gives it."""
    return {
        f"{dialect} {method.upper()} {normalised(path)}": described
        for dialect in BUILT
        for path, methods in document(dialect)["paths"].items()
        for method, described in methods.items()
    }


def bodies(name: str) -> list[dict[str, Any]]:
    """The shapes of the bodies that an operation takes, one per content type."""
    content = published()[name].get("requestBody", {}).get("content", {})
    return [_resolved(name.split()[0], each["schema"]) for each in content.values()]


def _resolved(dialect: str, schema: dict[str, Any]) -> dict[str, Any]:
    [schema] = schema.get("allOf", [schema])  # a body that may be left out has a default beside its shape
    if "$ref" in schema:
        found: dict[str, Any] = document(dialect)["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema
