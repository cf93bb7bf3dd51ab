"""The wall between workspaces. It fails closed: a query that names no workspace raises.

`Contact.objects.of(actor)` is the way in. `Contact.across_workspaces` is for the admin, migrations and the
authenticators; a test keeps it out of queries, actions, tasks and routers.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.conf import settings
from django.db import models

from backend.core import preconditions
from backend.core.errors import NotFound
from backend.core.recording import RecordedModel, RecordedQuerySet

if TYPE_CHECKING:
    from backend.core.actor import Actor

M = TypeVar("M", bound="WorkspaceModel")


class UnscopedQuery(RuntimeError):
    """A workspace's table was asked without naming the workspace. This is a mistake in the code."""


class WorkspaceQuerySet(RecordedQuerySet):
    """Rows of one workspace."""

    workspace_id: int | None = None

    def _clone(self) -> Self:
        clone = super()._clone()  # type: ignore[misc]
        clone.workspace_id = self.workspace_id
        return clone

    def new(self, **fields: Any) -> Any:
        """A record of this workspace that is not saved yet."""
        return self.model(workspace_id=self.workspace_id, **fields)

    def create(self, **fields: Any) -> Any:
        record = self.new(**fields)
        record.save(force_insert=True, using=self.db)
        return record

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        records = list(objs)
        for record in records:
            record.version += 1
        return super().bulk_update(records, [*fields, "version"], *args, **kwargs)

    def lock(self, record_id: int) -> Any:
        """The record, locked until the transaction ends, after the caller's `If-Match`, if any, was compared.

        Not with `select_related`: PostgreSQL checks a row that it waited for against the row it was joined with before,
        and drops it if another has taken that one's place.

        Raises `NotFound`, and `Stale` when the caller saw another version.
        """
        record: Any = self.select_for_update(of=("self",)).filter(pk=record_id).first()
        if record is None:
            raise NotFound(record=self.model._meta.model_name, id=record_id)
        preconditions.compare(record.version)
        return record


class WorkspaceManager(models.Manager):
    """`of(actor)` and nothing else."""

    def __init__(self, rows: type[models.QuerySet] = WorkspaceQuerySet) -> None:
        super().__init__()
        self.rows = rows

    def get_queryset(self) -> models.QuerySet:
        raise UnscopedQuery(f"Use {self.model.__name__}.objects.of(actor)")

    def of(self, actor: "Actor") -> WorkspaceQuerySet:
        if actor.workspace_id is None:
            raise UnscopedQuery(f"{actor.username} acts in no workspace")
        rows: Any = self.rows(self.model, using=self._db).filter(workspace_id=actor.workspace_id)
        rows.workspace_id = actor.workspace_id
        return rows


class WorkspaceModel(RecordedModel):
    """A table of which every row belongs to one workspace.

    `version` grows by one with each save and is what an `ETag` shows. A subclass that has a `Meta` derives it from
    `WorkspaceModel.Meta`, which is what keeps Django's own look-ups off the closed manager.
    """

    workspace = models.ForeignKey(settings.WORKSPACE_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    across_workspaces = models.Manager.from_queryset(WorkspaceQuerySet)()
    objects = WorkspaceManager()

    class Meta:
        abstract = True
        base_manager_name = "across_workspaces"
        default_manager_name = "across_workspaces"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            self.version += 1
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "version"}
        super().save(*args, **kwargs)

    def _visible(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in super()._visible(values).items() if name not in DERIVED}


DERIVED = frozenset({"version", "search_text", "updated_at", "workspace_id"})
