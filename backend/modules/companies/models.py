from django.conf import settings
from django.db import models

from backend.core.figures import ROWS, Figures
from backend.core.tenancy import WorkspaceModel


class Industry(models.TextChoices):
    TECHNOLOGY = "technology"
    HEALTH = "health"
    EDUCATION = "education"
    FINANCE = "finance"
    MANUFACTURING = "manufacturing"
    COMMERCE = "commerce"
    CONSTRUCTION = "construction"
    REAL_ESTATE = "real_estate"
    SERVICES = "services"
    GOVERNMENT = "government"
    OTHER = "other"


class Company(WorkspaceModel):
    """A company the workspace does business with.

    `name_key` makes the name unique without regard to case and white space; `folded_name`, which also ignores
    accents, is what a company is found by when a dialect knows only its name.
    """

    figures = (Figures(by=("industry",), measures={"companies": ROWS}),)

    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=600, editable=False)
    folded_name = models.CharField(max_length=600, editable=False)
    industry = models.CharField(max_length=20, choices=Industry, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    website = models.URLField(max_length=300, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    address = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    search_text = models.TextField(editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    unrecorded = frozenset({"folded_name"})

    class Meta(WorkspaceModel.Meta):
        db_table = "companies"
        verbose_name_plural = "companies"
        constraints = [models.UniqueConstraint(fields=["workspace", "name_key"], name="companies_name")]
        indexes = [
            models.Index(fields=["workspace", "folded_name"], name="companies_folded_name"),
            models.Index(fields=["workspace", "-created_at", "-id"], name="companies_newest"),
        ]

    def __str__(self) -> str:
        return self.name
