"""What every page of the admin has in common.

The admin is for looking. Business rows are read-only in it: they are written through actions, so that rules, claims
and the ledger hold. What a module lets be edited (`editable`) is saved within an action, so the ledger has it too.
Nothing is deleted. Superusers see every workspace; other staff see those where they are active members, and only look.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, TypeVar

from django.contrib import messages
from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Field, QuerySet
from django.shortcuts import redirect
from unfold.admin import ModelAdmin, TabularInline

from backend.core import search
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import DomainError

R = TypeVar("R")


@action("admin.save")
def write(actor: Actor, writing: Callable[[], R]) -> R:
    """Run what saves a form of the admin. Who may is said by the page's `has_change_permission`."""
    return writing()


def author(user: Any, workspace_id: int | None) -> Actor:
    """The user of the admin as the actor of a change in the workspace."""
    return Actor(workspace_id=workspace_id, user_id=user.pk, username=user.username)


def workspaces_of(user: Any) -> QuerySet:
    """The ids of the workspaces whose rows the user, who is staff and no superuser, may look at."""
    return user.memberships.filter(is_active=True).values("workspace_id")


class LookingOnly:
    """Staff may look, and nobody may do anything else."""

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_module_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class RowsAdmin(LookingOnly, ModelAdmin):
    """A list and a detail page over what the user may see; `editable` names the fields that superusers may change.

    A page with any has a sentence in `words` for each error with which a rule may refuse a change. By the fields in
    `unasked` no address narrows the list, so that nobody finds out by guessing what the pages don't show.
    """

    editable: ClassVar[Collection[str]] = ()
    unasked: ClassVar[tuple[str, ...]] = ()
    words: ClassVar[Mapping[str, str]] = {}
    actions: Any = None
    ordering: ClassVar = ("-id",)
    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False

    def visible_to_members(self, rows: QuerySet, workspace_ids: QuerySet) -> QuerySet:
        """Of the rows, those of these workspaces."""
        raise NotImplementedError

    def get_queryset(self, request: Any) -> QuerySet:
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else self.visible_to_members(rows, workspaces_of(request.user))

    def get_search_results(self, request: Any, rows: QuerySet, term: str) -> tuple[QuerySet, bool]:
        """Where there is a search text, the search of the API: without regard to case and accents."""
        if "search_text" in self.search_fields:
            return search.narrow(rows, term), False
        return super().get_search_results(request, rows, term)

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        return not lookup.startswith(self.unasked) and super().lookup_allowed(lookup, value, request)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(self.editable) and request.user.is_active and request.user.is_superuser

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return [name for name in flatten_fieldsets(self.get_fieldsets(request, obj)) if name not in self.editable]

    def workspace_of(self, record: Any) -> int | None:
        """The workspace in whose ledger a change of the record stands."""
        return record.workspace_id

    def changeform_view(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """What a rule refuses is not saved: the page says why and shows what stands."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            messages.error(request, self.words[error.code].format_map(error.facts))
            return redirect(request.get_full_path())

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        write(author(request.user, self.workspace_of(obj)), obj.save)


class WorkspaceAdmin(RowsAdmin):
    """The admin of a table of which every row belongs to a workspace."""

    def visible_to_members(self, rows: QuerySet, workspace_ids: QuerySet) -> QuerySet:
        return rows.filter(workspace_id__in=workspace_ids)


class RowsInline(LookingOnly, TabularInline):
    """The rows that belong to a record, below it, to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return list(self.fields or ())


class InSight(RelatedFieldListFilter):
    """A filter by a related record that offers those that the user sees in that record's own list."""

    def field_choices(self, field: Field, request: Any, model_admin: ModelAdmin) -> list[Any]:
        related: Any = field.related_model
        rows = model_admin.admin_site.get_model_admin(related).get_queryset(request)
        return [(row.pk, str(row)) for row in rows.order_by("id")]

    @property
    def include_empty_choice(self) -> bool:
        return bool(self.field.null)
