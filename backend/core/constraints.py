"""Telling which constraint a refused write ran into, on every database."""

from django.db import IntegrityError
from django.db.models import Model


def violates(error: IntegrityError, model: type[Model], constraint: str) -> bool:
    """Whether the database refused the write because of this unique constraint of the model.

    PostgreSQL names the constraint; SQLite lists its columns.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:
        return diagnosis.constraint_name == constraint
    fields = next(each.fields for each in model._meta.constraints if each.name == constraint)  # type: ignore[attr-defined]
    column = {field.name: field.column for field in model._meta.concrete_fields}
    columns = [f"{model._meta.db_table}.{column[name]}" for name in fields]
    return str(error).endswith(": " + ", ".join(columns))
