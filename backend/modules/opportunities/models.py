from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from backend.core.recording import unlink
from backend.core.tenancy import WorkspaceModel
from backend.modules.companies.models import Company
from backend.modules.contacts.models import Contact
from backend.modules.opportunities.figures import CLOSED, OF_COMPANIES, STANDING, Passages, Unchanging


class Outcome(models.TextChoices):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Currency(models.TextChoices):
    PEN = "PEN"
    USD = "USD"
    EUR = "EUR"


class Stage(WorkspaceModel):
    """A step of the workspace's pipeline. `probability` is what an opportunity gets on entering it, in per cent."""

    figures = (Unchanging("position", "outcome"),)

    key = models.CharField(max_length=50)
    name = models.CharField(max_length=100)
    folded_name = models.CharField(max_length=300, editable=False)
    position = models.PositiveSmallIntegerField()
    probability = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OPEN)

    class Meta(WorkspaceModel.Meta):
        db_table = "stages"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="stages_key_once"),
            models.UniqueConstraint(fields=["workspace", "folded_name"], name="stages_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Opportunity(WorkspaceModel):
    """A deal with a company that may be won. Its outcome follows from its stage.

    `external_id` is the reference under which another system has it, empty if none does. `probability` in per cent;
    `closed_on` is the day, in the workspace's time zone, on which it was won or lost.
    """

    figures = (STANDING, CLOSED, OF_COMPANIES)

    external_id = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=200)
    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT, related_name="opportunities")
    contact = models.ForeignKey(Contact, null=True, on_delete=unlink, related_name="opportunities")
    value = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, choices=Currency, default=Currency.PEN)
    probability = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="opportunities")
    stage_entered_at = models.DateTimeField()
    expected_close_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    notes = models.TextField(blank=True)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "opportunities"
        verbose_name_plural = "opportunities"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "external_id"],
                condition=~models.Q(external_id=""),
                name="opportunities_external_id",
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="opportunities_newest"),
            models.Index(fields=["workspace", "stage", "-created_at", "-id"], name="opportunities_stage"),
            models.Index(fields=["workspace", "company"], name="opportunities_company"),
            models.Index(fields=["workspace", "contact"], name="opportunities_contact"),
            models.Index(fields=["workspace", "closed_on"], name="opportunities_closed"),
            models.Index(  # all that is asked of the companies that won most, in their order
                fields=["workspace", "stage", "company", "closed_on"],
                include=["currency", "value"],
                condition=models.Q(company__isnull=False, closed_on__isnull=False),
                name="opportunities_won",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StageChange(WorkspaceModel):
    """One move of an opportunity: from where (None: it was created there), to where, when, by whom, why.

    `seconds_before` is the time that it spent in the stage it left.
    """

    figures = (Passages(),)

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="stage_changes")
    from_stage = models.ForeignKey(Stage, null=True, on_delete=models.PROTECT, related_name="+")
    to_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    seconds_before = models.BigIntegerField(null=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "stage_changes"
        indexes = [
            models.Index(fields=["workspace", "opportunity", "changed_at"], name="stage_changes_opportunity"),
            models.Index(fields=["workspace", "to_stage", "changed_at"], name="stage_changes_stage"),
            models.Index(fields=["workspace", "-changed_at", "-id"], name="stage_changes_newest"),
        ]
