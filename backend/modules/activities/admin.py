"""Activities in the admin, to look at: they are written through actions."""

from django.contrib import admin

from backend.core.admin import InSight, RowsInline, WorkspaceAdmin
from backend.modules.activities.models import Activity
from backend.modules.contacts.admin import ContactAdmin


@admin.register(Activity)
class ActivityAdmin(WorkspaceAdmin):
    fields = (
        ("id", "workspace"),
        ("kind", "contact"),
        "subject",
        "description",
        ("created_by", "version"),
        ("created_at", "updated_at"),
    )
    list_display = ("id", "subject", "kind", "contact", "created_by", "created_at", "workspace")
    list_display_links = ("id", "subject")
    list_filter = (("workspace", InSight), "kind", ("created_by", InSight))
    list_select_related = ("contact", "created_by", "workspace")
    search_fields = ("subject", "description")
    date_hierarchy = "created_at"


class ActivitiesOfContact(RowsInline):
    model = Activity
    fields = ("created_at", "kind", "subject", "description", "created_by")
    ordering = ("-created_at", "-id")
    per_page = 20

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("created_by")


ContactAdmin.inlines.append(ActivitiesOfContact)
