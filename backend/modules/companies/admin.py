"""Companies in the admin, to look at: they are written through actions."""

from django.contrib import admin

from backend.core.admin import InSight, WorkspaceAdmin
from backend.modules.companies.models import Company


@admin.register(Company)
class CompanyAdmin(WorkspaceAdmin):
    fields = (
        ("id", "workspace"),
        "name",
        ("industry", "employees"),
        ("website", "phone"),
        "address",
        "notes",
        ("created_by", "version"),
        ("created_at", "updated_at"),
    )
    list_display = ("id", "name", "industry", "employees", "phone", "created_at", "workspace")
    list_display_links = ("id", "name")
    list_filter = (("workspace", InSight), "industry")
    list_select_related = ("workspace",)
    search_fields = ("search_text",)
    date_hierarchy = "created_at"
