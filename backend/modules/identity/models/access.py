"""Ways in beside the password: invitations, API keys, the second factor, the link of who forgot their password."""

from typing import Any

from django.db import models
from django.utils import timezone

from backend.core import folding
from backend.core.recording import RecordedModel, RecordedQuerySet
from backend.core.tenancy import WorkspaceModel
from backend.modules.identity.models.people import User
from backend.modules.identity.models.rights import Role


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


class SecondFactor(RecordedModel):
    """A user's time-based one-time codes (RFC 6238), asked for with every login once a first code has `confirmed` it.

    `last_step` is the time step of the last code that was taken: no code counts twice. Of the recovery codes only keyed
    hashes are kept, each until it is used.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    sealed_secret = models.CharField(max_length=300, editable=False)
    recovery_hashes = models.JSONField(default=list, editable=False)
    last_step = models.BigIntegerField(default=0, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager.from_queryset(RecordedQuerySet)()
    secret = frozenset({"sealed_secret", "recovery_hashes"})
    unrecorded = frozenset({"last_step"})

    class Meta:
        db_table = "second_factors"

    def __str__(self) -> str:
        return f"second factor of user {self.user_id}"


class RecoveryRequest(models.Model):
    """An address for which somebody asks to choose a new password, known or not: the worker finds out.

    A queue, not a record: a row goes as soon as it is answered, and stands in no ledger.
    """

    email = models.EmailField(max_length=254)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        db_table = "recovery_requests"

    def __str__(self) -> str:
        return self.email
