"""Leads in the admin, to look at: they are written through actions."""

from django.contrib import admin

from backend.core.admin import InSight, RowsInline, WorkspaceAdmin
from backend.modules.contacts.admin import ContactAdmin
from backend.modules.leads.models import Lead


class LeadsInline(RowsInline):
    model = Lead
    fields = ("created_at", "channel", "status", "assigned_to")
    ordering = ("-created_at", "-id")
    per_page = 20

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("assigned_to")


@admin.register(Lead)
class LeadAdmin(WorkspaceAdmin):
    fields = (
        ("id", "workspace"),
        "contact",
        ("channel", "status", "assigned_to"),
        "admin_notes",
        "sales_notes",
        "contacted_at",
        ("created_by", "version"),
        ("created_at", "updated_at"),
    )
    list_display = ("id", "contact", "channel", "status", "assigned_to", "created_at", "workspace")
    list_display_links = ("id", "contact")
    list_filter = (("workspace", InSight), "status", "channel", ("assigned_to", InSight))
    list_select_related = ("contact", "assigned_to", "workspace")
    search_fields = ("search_text",)
    date_hierarchy = "created_at"


ContactAdmin.inlines.append(LeadsInline)
