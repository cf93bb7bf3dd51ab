"""The ledger in the admin: what happened, newest first. The server's own entries are shown to superusers only."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join

from backend.core.admin import InSight, WorkspaceAdmin
from backend.core.recording import RecordedModel
from backend.modules.ledger.masking import masked
from backend.modules.ledger.models import Entry


class TableFilter(admin.SimpleListFilter):
    """One kind of record. The kinds are taken from the program: asking the ledger would read all of it."""

    title = "table"
    parameter_name = "table"

    def lookups(self, request: Any, model_admin: Any) -> Iterator[tuple[str, str]]:
        for model in apps.get_models():
            if issubclass(model, RecordedModel) and model.in_ledger:
                yield model._meta.db_table, str(model._meta.verbose_name_plural)

    def queryset(self, request: Any, rows: QuerySet) -> QuerySet:
        return rows.filter(table=self.value()) if self.value() else rows


@admin.register(Entry)
class EntryAdmin(WorkspaceAdmin):
    unasked = ("old", "new")
    fields = (
        ("id", "created_at"),
        "workspace",
        ("verb", "action"),
        ("table", "record_id"),
        ("user", "username"),
        "request_id",
        "changes",
    )
    list_display = ("id", "created_at", "verb", "record_id", "action", "username", "workspace")
    list_display_links = ("id", "verb")
    list_filter = (("workspace", InSight), TableFilter)
    list_select_related = ("workspace", "user")
    search_fields = ("verb", "action", "username__istartswith", "=record_id", "=request_id")
    search_help_text = "A verb, an action, a user name, a record's id or a request's id"
    date_hierarchy = "created_at"

    def get_queryset(self, request: Any) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.defer("old", "new") if request.resolver_match.url_name.endswith("changelist") else rows

    @admin.display(description="Changes")
    def changes(self, entry: Entry) -> str:
        old, new = masked(entry.table, entry.old), masked(entry.table, entry.new)
        rows = ((name, old.get(name, ""), new.get(name, "")) for name in sorted({*old, *new}))
        head = format_html("<tr><th>{}</th><th>{}</th><th>{}</th></tr>", "Field", "Before", "After")
        return format_html(
            '<table class="w-full text-left">{}{}</table>',
            head,
            format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
        )
