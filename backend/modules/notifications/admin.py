"""Outgoing mail and notifications in the admin, to look at: what was sent, what waits and why, what has failed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from backend.core.admin import InSight, RowsInline, WorkspaceAdmin
from backend.modules.notifications.models import Notification, OutboundEmail, OutboundFile


class FilesInline(RowsInline):
    model = OutboundFile
    fields = ("name", "media_type", "size")
    show_change_link = False

    def get_queryset(self, request: Any) -> QuerySet:
        return super().get_queryset(request).defer("content")


@admin.register(OutboundEmail)
class OutboundEmailAdmin(WorkspaceAdmin):
    inlines = [FilesInline]
    fields = (
        ("id", "workspace", "key"),
        ("recipient", "language", "template"),
        ("state", "attempts", "next_at", "leased_until"),
        "last_error",
        ("created_at", "sent_at", "message_id"),
        "subject",
        "content",
    )
    list_display = ("id", "recipient", "subject", "state", "attempts", "next_at", "created_at", "workspace")
    list_display_links = ("id", "recipient")
    list_filter = (("workspace", InSight), "state", "template")
    list_select_related = ("workspace",)
    search_fields = ("recipient", "subject", "key", "=message_id")
    date_hierarchy = "created_at"

    def get_queryset(self, request: Any) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.defer("text", "html") if request.resolver_match.url_name.endswith("changelist") else rows

    @admin.display(description="Text")
    def content(self, email: OutboundEmail) -> str:
        """The link of a secret one is its recipient's alone."""
        return "Carries a secret" if email.is_secret else email.text


@admin.register(Notification)
class NotificationAdmin(WorkspaceAdmin):
    fields = (
        ("id", "workspace", "user"),
        ("kind", "key"),
        "title",
        "text",
        ("subject_kind", "subject_id"),
        ("created_at", "read_at"),
    )
    list_display = ("id", "user", "title", "kind", "created_at", "read_at", "workspace")
    list_display_links = ("id", "title")
    list_filter = (("workspace", InSight), "kind")
    list_select_related = ("user", "workspace")
    search_fields = ("title", "user__username__istartswith")
    date_hierarchy = "created_at"
