"""Contacts in the admin, to look at: they are written through actions."""

from typing import ClassVar

from django.contrib import admin

from backend.core.admin import InSight, WorkspaceAdmin
from backend.modules.contacts.models import Contact


@admin.register(Contact)
class ContactAdmin(WorkspaceAdmin):
    """`inlines` is filled by the modules above this one with what they know of a contact."""

    inlines: ClassVar[list] = []
    fields = (
        ("id", "workspace"),
        ("kind", "first_name", "last_name"),
        ("company", "job_title"),
        "email",
        "email_key",
        ("phone", "phone_key"),
        ("stage", "assigned_to"),
        "address",
        "notes",
        ("created_by", "version"),
        ("created_at", "updated_at"),
    )
    list_display = ("id", "name", "company", "email", "stage", "assigned_to", "created_at", "workspace")
    list_display_links = ("id", "name")
    list_filter = (("workspace", InSight), "stage", "kind", ("assigned_to", InSight))
    list_select_related = ("company", "assigned_to", "workspace")
    search_fields = ("search_text",)
    date_hierarchy = "created_at"

    @admin.display(description="Name", ordering="first_name")
    def name(self, contact: Contact) -> str:
        return str(contact)
