from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.expressions import Func

from backend.core.tenancy import WorkspaceManager


class LedgerIsAppendOnly(RuntimeError):
    """An entry was about to be changed or removed. This is a mistake in the code."""


class CurrentTransaction(Func):
    """The number of the running transaction, which PostgreSQL's snapshots speak of.

    SQLite has one writer at a time, so there the order of the ids is the order of the commits and one number will do.
    """

    output_field = models.BigIntegerField()

    def as_sql(self, *args: Any, **context: Any) -> Any:
        return "(0)", []

    def as_postgresql(self, *args: Any, **context: Any) -> Any:
        return "(pg_current_xact_id()::text::bigint)", []


class EntryQuerySet(models.QuerySet):
    """Entries are read and added; nothing else."""

    def update(self, **kwargs: Any) -> int:
        raise LedgerIsAppendOnly

    def delete(self) -> tuple[int, dict[str, int]]:
        raise LedgerIsAppendOnly


class Entry(models.Model):
    """One change of one record: what, by whom, in which action and request, and the values before and after.

    Readers follow (`transaction`, `id`), see `queries.after`. An entry without a workspace is the server's own.
    """

    workspace = models.ForeignKey(settings.WORKSPACE_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    transaction = models.BigIntegerField(db_default=CurrentTransaction())
    verb = models.CharField(max_length=64)
    action = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    username = models.CharField(max_length=150)
    table = models.CharField(max_length=64)
    record_id = models.BigIntegerField()
    old = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    new = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    across_workspaces = models.Manager.from_queryset(EntryQuerySet)()
    objects = WorkspaceManager(EntryQuerySet)

    class Meta:
        db_table = "ledger_entries"
        base_manager_name = default_manager_name = "across_workspaces"
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["workspace", "transaction", "id"], name="ledger_order"),
            models.Index(fields=["workspace", "table", "record_id", "id"], name="ledger_record"),
            models.Index(fields=["workspace", "table", "-id"], name="ledger_table"),
            models.Index(fields=["workspace", "user", "-id"], name="ledger_user"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.record_id} by {self.username}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise LedgerIsAppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise LedgerIsAppendOnly
