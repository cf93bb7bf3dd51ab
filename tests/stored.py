"""What stands in the database, to tell that nothing changed."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps


def of_workspace(workspace_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that belongs to the workspace, the ledger and the running totals included."""
    found = {}
    for model in apps.get_models():
        if any(field.attname == "workspace_id" for field in model._meta.concrete_fields):
            rows = model._base_manager.filter(workspace_id=workspace_id).order_by("pk")
            found[model._meta.db_table] = list(rows.values())
    return found


def row_counts() -> Counter[str]:
    """How many rows each of the project's tables has: what a refused write must leave as it was."""
    models = [model for model in apps.get_models() if model.__module__.startswith("backend.")]
    return Counter({model._meta.db_table: model._base_manager.count() for model in models})


@contextmanager
def nothing_written() -> Iterator[None]:
    """Within it no row may be added or removed, in no table."""
    before = row_counts()
    yield
    assert row_counts() == before
