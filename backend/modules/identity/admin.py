"""Workspaces, users, memberships and roles in the admin (see `backend.core.admin` for what may be done there)."""

from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as PasswordPages
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import redirect
from django.utils.html import format_html
from ninja_jwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from unfold.forms import AdminPasswordChangeForm, AuthenticationForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backend.core import throttling
from backend.core.admin import InSight, RowsAdmin, WorkspaceAdmin, author, write
from backend.core.errors import DomainError, TooManyAttempts
from backend.dialects.words.english import WORDS
from backend.modules.identity import second_factors, throttles
from backend.modules.identity.actions.second_factors import verify
from backend.modules.identity.models import Membership, Permission, Role, User, Workspace

# Groups mean nothing here, and nobody needs to see other people's tokens.
admin.site.unregister([Group, BlacklistedToken, OutstandingToken])


def sentence(error: DomainError) -> str:
    return WORDS[error.code].format_map(error.facts)


class LoginForm(AuthenticationForm):
    """The login form, for who has a second factor too. Any code is looked at only after the right password."""

    code = forms.CharField(
        label="One-time code, if two-factor is on",
        required=False,
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code"}),
    )

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except DomainError as error:
            raise forms.ValidationError(sentence(error)) from None

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not second_factors.is_owed(user):
            return
        code = self.cleaned_data.get("code")
        if not code:
            raise forms.ValidationError("Two-factor is on: enter a one-time code or a recovery code as well.")
        page: Any = admin.site.get_model_admin(User)
        verify(author(user, page.workspace_of(user)), code)


admin.site.login_form = LoginForm


class WorkspaceForm(forms.ModelForm):
    """A time zone and a region that exist: the API computes with them in every request."""

    time_zone = forms.ChoiceField(
        choices=[(name, name) for name in sorted(available_timezones())], widget=UnfoldAdminSelectWidget
    )
    region = forms.ChoiceField(
        choices=[(code, code) for code in sorted(phonenumbers.SUPPORTED_REGIONS)], widget=UnfoldAdminSelectWidget
    )


@admin.register(Workspace)
class WorkspacesAdmin(RowsAdmin):
    form = WorkspaceForm
    editable = ("name", "time_zone", "region", "language")
    words = WORDS
    fields = ("id", "name", "time_zone", "region", "language", "created_at")
    list_display = ("id", "name", "time_zone", "region", "language", "created_at")
    list_display_links = ("id", "name")
    search_fields = ("name",)
    ordering = ("id",)

    def visible_to_members(self, rows: QuerySet, workspace_ids: QuerySet) -> QuerySet:
        return rows.filter(pk__in=workspace_ids)

    def workspace_of(self, record: Workspace) -> int | None:
        return record.pk


class PasswordForm(AdminPasswordChangeForm):
    """A new password. To shut somebody out, `is_active` is there, so a password is never just taken away."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)
        self.fields["password1"].required = self.fields["password2"].required = True

    def save(self, commit: bool = True) -> User:
        user = super().save(commit=False)
        user.must_change_password = True
        if commit:
            user.save()
            transaction.on_commit(lambda: throttles.unlock(user))
        return user


@admin.register(User)
class UsersAdmin(RowsAdmin, PasswordPages):
    unasked = ("password",)
    change_password_form = PasswordForm
    form = forms.ModelForm
    editable = ("first_name", "last_name", "language", "is_active", "is_staff")
    words = WORDS
    fieldsets = (
        (None, {"fields": ("id", "username", "email", ("first_name", "last_name"), "password_page", "second_factor")}),
        ("Mail", {"fields": ("language",)}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Times", {"fields": ("created_at", "updated_at")}),
    )
    list_display = ("id", "username", "email", "first_name", "last_name", "is_active", "is_staff", "created_at")
    list_display_links = ("id", "username")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("username", "email", "first_name", "last_name")
    ordering = ("id",)
    filter_horizontal = ()

    def visible_to_members(self, rows: QuerySet, workspace_ids: QuerySet) -> QuerySet:
        members = Membership.across_workspaces.filter(workspace_id__in=workspace_ids)
        return rows.filter(pk__in=members.values("user_id"))

    def workspace_of(self, record: User) -> int | None:
        """A user is in no workspace; their changes stand in the ledger of the oldest one they are a member of."""
        membership = Membership.across_workspaces.filter(user=record).order_by("id").first()
        return membership.workspace_id if membership else None

    def get_readonly_fields(self, request: Any, obj: User | None = None) -> list[str]:
        """Nobody shuts themselves out."""
        own = ["is_active", "is_staff"] if obj is not None and obj.pk == request.user.pk else []
        return [*super().get_readonly_fields(request, obj), *own]

    @admin.display(description="Password")
    def password_page(self, user: User) -> str:
        return format_html('<a href="../password/" class="text-primary-600">{}</a>', "Set a new password")

    @admin.display(description="Second factor", boolean=True)
    def second_factor(self, user: User) -> bool:
        return second_factors.is_owed(user)

    def user_change_password(self, request: Any, id: str, form_url: str = "") -> Any:  # noqa: A002
        """A new password ends the user's tokens and their sessions here. One's own is chosen on another page."""
        user = self.get_object(request, unquote(id))
        if user is not None and user.pk == request.user.pk:
            return redirect("admin:password_change")
        workspace_id = self.workspace_of(user) if user is not None else None
        show = super().user_change_password
        return write(author(request.user, workspace_id), lambda: show(request, id, form_url))


def change_own_password(request: Any) -> Any:
    """The admin's page for one's own password, with its save inside an action. `backend.urls` mounts it."""
    page: Any = admin.site.get_model_admin(User)
    change = author(request.user, page.workspace_of(request.user))
    if request.method != "POST":
        return write(change, lambda: admin.site.password_change(request))
    try:
        attempt = throttling.attempt(throttles.OWN_PASSWORD, str(request.user.pk))
    except TooManyAttempts as error:
        messages.error(request, sentence(error))
        return redirect("admin:password_change")
    answer = write(change, lambda: admin.site.password_change(request))
    if answer.status_code == 302:  # the form was in order, so the password was right
        attempt.succeeded()
    return answer


@admin.register(Membership)
class MembershipAdmin(WorkspaceAdmin):
    editable = ("is_active",)
    words = WORDS
    fields = ("id", "user", "workspace", "role_names", "is_active", "created_at", "version")
    list_display = ("id", "user", "role_names", "is_active", "created_at", "workspace")
    list_display_links = ("id", "user")
    list_filter = (("workspace", InSight), "is_active")
    list_select_related = ("user", "workspace")
    search_fields = ("user__username", "user__email")

    def get_queryset(self, request: Any) -> QuerySet:
        return super().get_queryset(request).prefetch_related("roles")

    @admin.display(description="Roles")
    def role_names(self, membership: Membership) -> str:
        return ", ".join(role.name for role in membership.roles.all())


@admin.register(Role)
class RoleAdmin(WorkspaceAdmin):
    fields = ("id", "workspace", "name", "key", "description", "permission_names", "created_at", "version")
    list_display = ("id", "name", "key", "description", "created_at", "workspace")
    list_display_links = ("id", "name")
    list_filter = (("workspace", InSight),)
    list_select_related = ("workspace",)
    search_fields = ("name", "description")

    @admin.display(description="Permissions")
    def permission_names(self, role: Role) -> str:
        return ", ".join(sorted(permission.codename for permission in role.permissions.all()))


@admin.register(Permission)
class PermissionAdmin(WorkspaceAdmin):
    fields = ("id", "workspace", "codename", "name", "content_type", "description", "is_built_in", "version")
    list_display = ("id", "codename", "name", "content_type", "is_built_in", "workspace")
    list_display_links = ("id", "codename")
    list_filter = (("workspace", InSight), "is_built_in")
    list_select_related = ("workspace",)
    search_fields = ("codename", "name")
