"""Queries that Django builds once and that are run for any workspace after that.

Building a query and mapping its rows is three quarters of what a page costs (docs/benchmark.md). A list that nothing
narrows is the same statement for every caller but for the workspace's id, so it is kept as SQL.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from backend.core import prepared
from backend.core.actor import Actor
from backend.core.tenancy import UnscopedQuery


class AnyWorkspace:
    """Stands for the actor while the query is built. It has a workspace and nothing else.

    So a query that depends on more of its caller, as on whose records they are, can't be kept by mistake.
    """

    workspace_id = -7_640_891_576_956_012_809


class CompiledRows:
    """The rows of `build(actor)`, an ordered `values()` query, as dicts.

    `build` is called once with an `AnyWorkspace`. What it depends on beside the workspace is settled then.
    """

    def __init__(self, build: Callable[[Any], QuerySet]) -> None:
        query = build(AnyWorkspace).query
        compiler = query.get_compiler(connection=connection)
        self.statement, self.parameters = compiler.as_sql()
        self.names = list(query.selected or ())
        self.converters = compiler.get_converters(column for column, _, _ in compiler.select)

    def fetch(self, actor: Actor, *, offset: int, size: int) -> list[dict[str, Any]]:
        """At most `size` of the workspace's rows after the first `offset`.

        Raises `UnscopedQuery` for an actor without a workspace.
        """
        if actor.workspace_id is None:
            raise UnscopedQuery(f"{actor.username} acts in no workspace")
        here = [actor.workspace_id if each == AnyWorkspace.workspace_id else each for each in self.parameters]
        # Not as parameters: of an unknown number of rows PostgreSQL expects a tenth, and plans anew each time.
        wanted = f"{self.statement} LIMIT {size:d} OFFSET {offset:d}"
        rows: list[Any] = prepared.rows(wanted, here)
        if self.converters:
            rows = [self._converted(row) for row in rows]
        return [dict(zip(self.names, row, strict=True)) for row in rows]

    def _converted(self, row: tuple[Any, ...]) -> list[Any]:
        """The row in Python's types where the database has others (SQLite has no times)."""
        values = list(row)
        for column, (converters, expression) in self.converters.items():
            for convert in converters:
                values[column] = convert(values[column], expression, connection)
        return values
