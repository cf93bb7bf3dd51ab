from django.conf import settings
from django.db import models
from django.utils import timezone

from backend.core.figures import ROWS, Figures
from backend.core.recording import unlink
from backend.core.tenancy import WorkspaceModel
from backend.modules.contacts.models import Contact
from backend.modules.opportunities.models import Opportunity


class Kind(models.TextChoices):
    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    NOTE = "note"
    TASK = "task"


class Status(models.TextChoices):
    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Activity(WorkspaceModel):
    """Something done or to be done, with a contact or about an opportunity. It outlives both, unlinked."""

    figures = (
        Figures(by=("kind",), measures={"activities": ROWS}),
        Figures(by=("status",), measures={"activities.by_status": ROWS}),
    )

    kind = models.CharField(max_length=20, choices=Kind)
    subject = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.COMPLETED)
    occurs_at = models.DateTimeField(default=timezone.now)
    result = models.TextField(blank=True)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=unlink, related_name="activities")
    opportunity = models.ForeignKey(Opportunity, null=True, blank=True, on_delete=unlink, related_name="activities")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "activities"
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="activities_newest"),
            models.Index(fields=["workspace", "contact", "-created_at", "-id"], name="activities_contact"),
            models.Index(fields=["workspace", "opportunity", "-created_at", "-id"], name="activities_opportunity"),
            models.Index(fields=["workspace", "-occurs_at", "-id"], name="activities_latest"),
        ]

    def __str__(self) -> str:
        return self.subject
