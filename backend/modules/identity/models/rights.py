"""What members may do: permissions, the roles that hold them, who holds the roles."""

from typing import Any

from django.conf import settings
from django.db import models

from backend.core import folding
from backend.core.tenancy import WorkspaceModel


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
    updated_at = models.DateTimeField(auto_now=True)

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
    last_login_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    unrecorded = frozenset({"last_login_at"})

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
