"""Opportunities and stages in the admin, to look at: they are written through actions."""

from django.contrib import admin

from backend.core.admin import InSight, RowsInline, WorkspaceAdmin
from backend.modules.opportunities.models import Opportunity, Stage, StageChange


class StageChangesInline(RowsInline):
    model = StageChange
    fields = ("changed_at", "from_stage", "to_stage", "changed_by", "reason", "seconds_before")
    ordering = ("changed_at", "id")


@admin.register(Opportunity)
class OpportunityAdmin(WorkspaceAdmin):
    fields = (
        ("id", "workspace"),
        ("name", "external_id"),
        ("company", "contact"),
        ("value", "currency"),
        ("stage", "probability"),
        ("expected_close_on", "closed_on"),
        "notes",
        ("assigned_to", "created_by", "version"),
        ("created_at", "updated_at"),
    )
    list_display = ("id", "name", "company", "value", "currency", "stage", "created_at", "workspace")
    list_display_links = ("id", "name")
    list_filter = (("workspace", InSight), ("stage", InSight), "currency")
    list_select_related = ("company", "stage", "workspace")
    search_fields = ("name", "external_id")
    date_hierarchy = "created_at"
    inlines = (StageChangesInline,)


@admin.register(Stage)
class StageAdmin(WorkspaceAdmin):
    fields = ("id", "workspace", "position", "key", "name", "probability", "outcome", "version")
    list_display = ("id", "position", "key", "name", "probability", "outcome", "workspace")
    list_display_links = ("id", "key")
    list_filter = (("workspace", InSight), "outcome")
    list_select_related = ("workspace",)
