from django.conf import settings
from django.db import models

from backend.core.figures import ROWS, Figures
from backend.core.tenancy import WorkspaceModel
from backend.modules.companies.models import Company


class Stage(models.TextChoices):
    """How far a contact's onboarding has come."""

    LEAD = "lead"
    IN_PROGRESS = "in_progress"
    ACTIVE = "active"


class Kind(models.TextChoices):
    """In the sense of the law: a human being, or a company that is a client itself."""

    NATURAL = "natural"
    JURIDICAL = "juridical"


class Contact(WorkspaceModel):
    """A person the workspace does business with.

    `email` and `phone` are as given. The claims beside them, `email_key` (lower case) and `phone_key` (E.164), are
    each held by one contact of a workspace at most; None where another contact holds it, or there is nothing to claim.
    """

    unrecorded = frozenset({"name_text"})
    figures = (
        Figures(by=("stage",), measures={"contacts": ROWS}),
        Figures(by=("company_id",), measures={"contacts.by_company": ROWS}),
    )

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NATURAL)
    first_name = models.CharField(max_length=200)
    last_name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    email_key = models.CharField(max_length=762, null=True, editable=False)
    phone = models.CharField(max_length=20, blank=True)
    phone_key = models.CharField(max_length=20, null=True, editable=False)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.PROTECT, related_name="contacts")
    job_title = models.CharField(max_length=100, blank=True)
    address = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    stage = models.CharField(max_length=20, choices=Stage, default=Stage.LEAD)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    search_text = models.TextField(editable=False)
    name_text = models.TextField(editable=False, default="", help_text="The names, as they are searched")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "contacts"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "email_key"], name="contacts_email"),
            models.UniqueConstraint(fields=["workspace", "phone_key"], name="contacts_phone"),
        ]
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="contacts_newest"),
            models.Index(fields=["workspace", "stage", "-created_at", "-id"], name="contacts_stage"),
            models.Index(fields=["workspace", "company"], name="contacts_company"),
            models.Index(fields=["workspace", "assigned_to"], name="contacts_assigned"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
