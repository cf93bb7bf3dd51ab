"""The tenant and the person."""

import secrets
from collections.abc import Collection
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.db import models

from backend.core import folding, search
from backend.core.recording import RecordedModel, RecordedQuerySet


def new_stamp() -> str:
    return secrets.token_hex(8)


class Language(models.TextChoices):
    """What a workspace or a person is written to in, as in mails."""

    SPANISH = "es"
    ENGLISH = "en"


class Workspace(RecordedModel):
    """The tenant: a company that uses this server. Every other row belongs to one."""

    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="America/Lima")
    region = models.CharField(max_length=2, default="PE", help_text="Where a phone number without a country code is")
    language = models.CharField(max_length=2, choices=Language, default=Language.SPANISH)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager.from_queryset(RecordedQuerySet)()

    class Meta:
        db_table = "workspaces"

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager.from_queryset(RecordedQuerySet)):  # type: ignore[misc]
    """`createsuperuser` and the look-up by user name, which takes any case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username_key=folding.key(username or ""))

    def create_superuser(self, username: str, email: str, password: str | None = None, **fields: Any) -> "User":
        from backend.modules.identity import actions

        return actions.create_superuser(username=username, email=email, password=password, **fields)


class User(AbstractBaseUser, RecordedModel):
    """A person. Which workspaces they work in, and as what, is said by their memberships.

    `password_stamp` changes with every password and stands in the tokens: a new password ends the old sessions.
    `must_change_password` is set while the password is one that somebody else chose.
    `deleted_at` is set when the last membership goes: what they wrote keeps their name, which is free to be taken anew.
    `is_staff` opens the admin; `is_superuser` opens it over all workspaces.
    """

    username = models.CharField(max_length=150)
    username_key = models.CharField(max_length=450, unique=True, editable=False)
    email = models.EmailField(max_length=254)
    email_key = models.CharField(max_length=762, unique=True, editable=False)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    date_of_birth = models.DateField(null=True)
    gender = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    language = models.CharField(
        max_length=2,
        choices=Language,
        null=True,
        blank=True,
        help_text="Of what they are written to; empty: the workspace's",
    )
    search_text = models.TextField(blank=True, editable=False)
    password_stamp = models.CharField(max_length=16, default=new_stamp, editable=False)
    must_change_password = models.BooleanField(default=False, editable=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    last_login = None  # who logs in does so in a workspace: see `Membership`

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]
    secret = frozenset({"password", "password_stamp"})
    unrecorded = frozenset({"updated_at", "search_text", "version"})

    class Meta:
        db_table = "users"

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        gone = f" deleted {self.pk}" if self.deleted_at else None  # no typed name begins with a space
        self.username_key = gone or folding.key(self.username)
        self.email_key = gone or folding.key(self.email)
        self.search_text = search.text(self.username, self.email, self.first_name, self.last_name, phones=(self.phone,))
        self.version += not self._state.adding
        super().save(*args, **kwargs)

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_stamp = new_stamp()
        self.must_change_password = False

    def set_unusable_password(self) -> None:
        super().set_unusable_password()
        self.password_stamp = new_stamp()

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password. Unlike Django's, it never writes: only actions do."""
        return raw_password is not None and check_password(raw_password, self.password)

    # What the admin asks. Superusers may do all that it offers; other staff look at their own workspaces.
    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff

    def get_all_permissions(self, obj: Any = None) -> Collection[str]:
        return frozenset()
