"""Attachments in the admin, to look at: they are written through actions."""

from django.contrib import admin

from backend.core.admin import InSight, WorkspaceAdmin
from backend.modules.attachments.models import Attachment


@admin.register(Attachment)
class AttachmentAdmin(WorkspaceAdmin):
    fields = (
        ("id", "workspace"),
        "filename",
        ("content_type", "size"),
        ("subject_kind", "subject_id"),
        ("state", "expires_at", "confirmed_at"),
        ("created_by", "created_at", "version"),
    )
    list_display = ("id", "filename", "content_type", "size", "subject_kind", "subject_id", "state", "workspace")
    list_display_links = ("id", "filename")
    list_filter = (("workspace", InSight), "state", "subject_kind")
    list_select_related = ("workspace",)
    search_fields = ("filename",)
    date_hierarchy = "created_at"
