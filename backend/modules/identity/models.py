import secrets
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.db import models
from django.utils import timezone

from backend.core import folding
from backend.core.recording import RecordedModel, RecordedQuerySet
from backend.core.tenancy import WorkspaceModel


def new_stamp() -> str:
    return secrets.token_hex(8)


class Language(models.TextChoices):
    """What the workspace is written to in, as in mails."""

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
    `is_staff` opens the admin; `is_superuser` opens it over all workspaces.
    """

    username = models.CharField(max_length=150)
    username_key = models.CharField(max_length=450, unique=True, editable=False)
    email = models.EmailField(max_length=254)
    email_key = models.CharField(max_length=762, unique=True, editable=False)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    password_stamp = models.CharField(max_length=16, default=new_stamp, editable=False)
    must_change_password = models.BooleanField(default=False, editable=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    last_login = None

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]
    secret = frozenset({"password", "password_stamp"})
    unrecorded = frozenset({"updated_at"})

    class Meta:
        db_table = "users"

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.username_key = folding.key(self.username)
        self.email_key = folding.key(self.email)
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


class Permission(WorkspaceModel):
    """What may be done. The built-in ones mirror the catalogue in code; others are the workspace's own."""

    codename = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True)
    is_built_in = models.BooleanField(default=False)

    class Meta(WorkspaceModel.Meta):
        db_table = "permissions"
        constraints = [models.UniqueConstraint(fields=["workspace", "codename"], name="permissions_codename")]

    def __str__(self) -> str:
        return self.codename


class Role(WorkspaceModel):
    """A named set of permissions. `key` is set for the built-in roles: admin, manager, sales, user."""

    key = models.CharField(max_length=32, blank=True)
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=300, editable=False)
    description = models.TextField(blank=True)
    permissions = models.ManyToManyField(Permission, through="RolePermission", related_name="roles")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "roles"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name_key"], name="roles_name"),
            models.UniqueConstraint(fields=["workspace", "key"], name="roles_key", condition=~models.Q(key="")),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = folding.key(self.name)
        super().save(*args, **kwargs)


class RolePermission(WorkspaceModel):
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="+")
    permission = models.ForeignKey(Permission, on_delete=models.CASCADE, related_name="+")

    class Meta(WorkspaceModel.Meta):
        db_table = "role_permissions"
        constraints = [models.UniqueConstraint(fields=["role", "permission"], name="role_permissions_once")]


class Membership(WorkspaceModel):
    """A user's place in a workspace. Inactive: they keep their name on what they wrote and can't act there."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    roles = models.ManyToManyField(Role, through="MembershipRole", related_name="memberships")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "memberships"
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="memberships_user")]
        indexes = [models.Index(fields=["user"], name="memberships_by_user")]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"


class MembershipRole(WorkspaceModel):
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(auto_now_add=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "membership_roles"
        constraints = [models.UniqueConstraint(fields=["membership", "role"], name="membership_roles_once")]


class Invitation(WorkspaceModel):
    """An offer to an e-mail address to join the workspace. Of its token only the hash is stored.

    It can be accepted until `expires_at`, once, unless it is revoked. `sent` counts its mails, each with a new token.
    """

    email = models.EmailField(max_length=254)
    email_key = models.CharField(max_length=762, editable=False)
    token_hash = models.CharField(max_length=64, editable=False)
    roles = models.ManyToManyField(Role, through="InvitationRole", related_name="+")
    invited_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    sent = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    secret = frozenset({"token_hash"})

    class Meta(WorkspaceModel.Meta):
        db_table = "invitations"
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="invitations_token"),
            models.UniqueConstraint(
                fields=["workspace", "email_key"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitations_pending",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="invitations_newest")]

    def __str__(self) -> str:
        return self.email

    @property
    def status(self) -> str:
        """`pending`, `accepted`, `expired` or `revoked`."""
        if self.accepted_at is not None:
            return "accepted"
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "pending"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email_key = folding.key(self.email)
        super().save(*args, **kwargs)


class InvitationRole(WorkspaceModel):
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="+")

    class Meta(WorkspaceModel.Meta):
        db_table = "invitation_roles"
        constraints = [models.UniqueConstraint(fields=["invitation", "role"], name="invitation_roles_once")]


class ApiKey(WorkspaceModel):
    """A program's way in. Of its secret only the hash is stored; `jti` is the public half by which it is found."""

    name = models.CharField(max_length=100)
    jti = models.CharField(max_length=32, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    last_four = models.CharField(max_length=4, editable=False)
    permissions = models.JSONField(help_text="Codenames")
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    secret = frozenset({"secret_hash"})
    unrecorded = frozenset({"last_used_at"})

    class Meta(WorkspaceModel.Meta):
        db_table = "api_keys"
        constraints = [models.UniqueConstraint(fields=["jti"], name="api_keys_jti")]
        indexes = [models.Index(fields=["workspace", "-created_at", "-id"], name="api_keys_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def status(self) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        is_expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return "expired" if is_expired else "active"
