from django.conf import settings
from django.db import models

from backend.core.tenancy import WorkspaceModel


class State(models.TextChoices):
    PENDING = "pending"  # announced: the file may be on its way
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"  # gone for everybody; the sweep removes the file, then the row


class Attachment(WorkspaceModel):
    """A file that belongs to a record, its subject: see `subjects.py`. The file itself lies in the storage under `key`.

    `size` is in bytes: the announced one while it is pending, None if none was announced. `expires_at` is until when
    a pending one can be confirmed.
    """

    secret = frozenset({"key"})

    subject_kind = models.CharField(max_length=32)
    subject_id = models.PositiveBigIntegerField()
    key = models.CharField(max_length=60)
    filename = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "attachments"
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="attachments_key_once")]
        indexes = [
            models.Index(fields=["workspace", "subject_kind", "subject_id", "-id"], name="attachments_subject"),
            models.Index(fields=["workspace", "state", "expires_at"], name="attachments_to_sweep"),
        ]

    def __str__(self) -> str:
        return self.filename
