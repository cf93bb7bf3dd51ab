"""Contracts in the admin, to look at: they are written through actions."""

from django.contrib import admin

from backend.core.admin import InSight, RowsInline, WorkspaceAdmin
from backend.modules.contracts.models import Contract, Note, Payment


class PaymentsInline(RowsInline):
    model = Payment
    fields = ("due_on", "kind", "amount", "status", "paid_on")
    ordering = ("due_on", "id")
    per_page = 50


class NotesInline(RowsInline):
    model = Note
    fields = ("created_at", "kind", "content", "created_by")
    ordering = ("created_at", "id")
    per_page = 20

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("created_by")


@admin.register(Contract)
class ContractAdmin(WorkspaceAdmin):
    fields = (
        ("id", "workspace"),
        ("number", "title"),
        ("kind", "status", "priority"),
        ("client_name", "client_email", "client_phone"),
        ("property_address", "property_kind", "property_size"),
        ("value", "currency"),
        ("commission_rate", "commission_amount"),
        ("starts_on", "ends_on", "signed_on"),
        "terms",
        ("contact", "opportunity"),
        ("agent", "created_by", "version"),
        ("created_at", "updated_at"),
    )
    list_display = (
        "id",
        "number",
        "title",
        "client_name",
        "status",
        "value",
        "currency",
        "agent",
        "ends_on",
        "workspace",
    )
    list_display_links = ("id", "number")
    list_filter = (("workspace", InSight), "status", "kind", ("agent", InSight))
    list_select_related = ("agent", "workspace")
    search_fields = ("number", "title", "client_name", "property_address")
    date_hierarchy = "created_at"
    inlines = (PaymentsInline, NotesInline)
