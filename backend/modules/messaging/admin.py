"""Conversations in the admin, to look at: who talks with whom and how much, and nothing of what they say."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from backend.core.admin import InSight, RowsInline, WorkspaceAdmin
from backend.modules.messaging.models import Conversation, Message, Participant


class ParticipantsInline(RowsInline):
    model = Participant
    fields = ("user", "joined_at", "left_at", "read_seq")
    ordering = ("id",)
    per_page = 50
    show_change_link = False

    def get_queryset(self, request: Any) -> QuerySet:
        return super().get_queryset(request).select_related("user")


@admin.register(Conversation)
class ConversationAdmin(WorkspaceAdmin):
    fields = (
        ("id", "workspace"),
        ("kind", "title"),
        ("subject_kind", "subject_id"),
        ("is_active", "last_seq"),
        ("created_by", "created_at", "active_at"),
    )
    list_display = ("id", "kind", "title", "is_active", "last_seq", "created_by", "active_at", "workspace")
    list_display_links = ("id", "kind")
    list_filter = (("workspace", InSight), "kind", "is_active", "subject_kind")
    list_select_related = ("created_by", "workspace")
    search_fields = ("search_text",)
    date_hierarchy = "created_at"
    inlines = (ParticipantsInline,)


@admin.register(Message)
class MessageAdmin(WorkspaceAdmin):
    """Without the text, which is not even searched: whether a term is found would tell of it."""

    unasked = ("content", "search_text")
    fields = (
        ("id", "workspace"),
        ("conversation", "seq"),
        ("sender", "kind", "attachment"),
        ("created_at", "read_at"),
        ("edited_at", "deleted_at"),
    )
    list_display = ("id", "conversation", "seq", "sender", "kind", "created_at", "edited_at", "deleted_at", "workspace")
    list_display_links = ("id",)
    list_filter = (("workspace", InSight), "kind")
    list_select_related = ("conversation", "sender", "workspace")
    search_fields = ("=conversation__id", "sender__username__istartswith")
    date_hierarchy = "created_at"

    def get_queryset(self, request: Any) -> QuerySet:
        return super().get_queryset(request).defer("content", "search_text")
