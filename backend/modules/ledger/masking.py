"""What the audit log does not show of the ledger: the fields that their model calls `private`."""

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db.models import Case, F, Func, JSONField, Value, When

from backend.core.recording import MASK, RecordedModel


def private_fields() -> dict[str, frozenset[str]]:
    """By the name of their table."""
    models = [model for model in apps.get_models() if issubclass(model, RecordedModel)]
    return {model._meta.db_table: model.private for model in models if model.private}


def masked(table: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values of an entry as the audit log shows them."""
    hidden = private_fields().get(table, frozenset())
    return {name: MASK if name in hidden else value for name, value in values.items()}


def shown(column: str) -> Case:
    """The same as an expression over entries, for `old` or `new`."""
    cases = [When(table=table, then=Masked(column, names)) for table, names in sorted(private_fields().items())]
    return Case(*cases, default=F(column), output_field=JSONField())


class Masked(Func):
    """The column's object with a mask in place of each of these fields that it has."""

    output_field = JSONField()

    def __init__(self, column: str, names: Collection[str]) -> None:
        values = [part for name in sorted(names) for part in (Value(name), Value(MASK))]
        super().__init__(F(column), *values)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._nested(compiler, "json_replace({inner}, '$.' || {name}, {mask})")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._nested(compiler, "jsonb_set({inner}, ARRAY[{name}::text], to_jsonb({mask}::text), false)")

    def _nested(self, compiler: Any, template: str) -> tuple[str, list[Any]]:
        (sql, given), *rest = [compiler.compile(each) for each in self.source_expressions]
        parameters = list(given)
        for (name, of_name), (mask, of_mask) in zip(rest[::2], rest[1::2], strict=True):
            sql = template.format(inner=sql, name=name, mask=mask)
            parameters += [*of_name, *of_mask]
        return sql, parameters
