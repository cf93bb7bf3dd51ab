from datetime import time
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from backend.core.recording import unlink
from backend.core.tenancy import WorkspaceModel
from backend.modules.attachments.models import Attachment
from backend.modules.contacts.models import Contact
from backend.modules.opportunities.models import Currency, Opportunity


class Kind(models.TextChoices):
    SALE = "sale"
    RENT = "rent"
    LEASE = "lease"
    MANAGEMENT = "management"


class Status(models.TextChoices):
    DRAFT = "draft"
    ACTIVE = "active"
    SIGNED = "signed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Priority(models.TextChoices):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


# The steps that people take. A contract ends as expired by the clock alone.
STEPS: dict[str, frozenset[str]] = {
    Status.DRAFT: frozenset({Status.ACTIVE, Status.CANCELLED}),
    Status.ACTIVE: frozenset({Status.SIGNED, Status.CANCELLED}),
    Status.SIGNED: frozenset({Status.COMPLETED, Status.CANCELLED}),
}
FIRST = (Status.DRAFT, Status.ACTIVE, Status.SIGNED)  # as what a contract may come into being
IN_FORCE = (Status.ACTIVE, Status.SIGNED)  # what expires, and owes payments


class Contract(WorkspaceModel):
    """An agreement with a client about a property, which an agent looks after.

    `number` is `CON-<year>-<serial>`. Amounts are in `currency`; `commission_rate` is in per cent, and
    `commission_amount` follows from it. `starts_on` and `ends_on` are days of the workspace, both included.
    """

    number = models.CharField(max_length=20, editable=False)
    year = models.PositiveSmallIntegerField(editable=False)
    serial = models.PositiveIntegerField(editable=False)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    priority = models.CharField(max_length=8, choices=Priority, default=Priority.MEDIUM)
    client_name = models.CharField(max_length=200)
    client_email = models.EmailField(blank=True)
    client_phone = models.CharField(max_length=20, blank=True)
    property_address = models.TextField(blank=True)
    property_kind = models.CharField(max_length=100, blank=True)
    property_size = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, validators=[MinValueValidator(Decimal(0))])
    currency = models.CharField(max_length=3, choices=Currency, default=Currency.PEN)
    commission_rate = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(0), validators=[MaxValueValidator(Decimal(100))]
    )
    commission_amount = models.DecimalField(max_digits=14, decimal_places=2, editable=False)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    terms = models.TextField(blank=True)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=unlink, related_name="contracts")
    opportunity = models.ForeignKey(Opportunity, null=True, blank=True, on_delete=unlink, related_name="contracts")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    search_text = models.TextField(editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "contracts"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "year", "serial"], name="contracts_number"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="contracts_dates",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="contracts_newest"),
            models.Index(fields=["workspace", "agent", "-created_at", "-id"], name="contracts_agent"),
            models.Index(fields=["workspace", "status", "ends_on"], name="contracts_ending"),
            models.Index(fields=["workspace", "contact"], name="contracts_contact"),
            models.Index(fields=["workspace", "opportunity"], name="contracts_opportunity"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class PaymentStatus(models.TextChoices):
    PENDING = "pending"
    PAID = "paid"
    LATE = "late"
    CANCELLED = "cancelled"


OPEN = (PaymentStatus.PENDING, PaymentStatus.LATE)  # what is still to be paid


class Payment(WorkspaceModel):
    """An instalment of a contract. One that is open is late from the day after `due_on`."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="payments")
    kind = models.CharField(max_length=100)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    due_on = models.DateField()
    paid_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=PaymentStatus, default=PaymentStatus.PENDING)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "contract_payments"
        indexes = [
            models.Index(fields=["workspace", "contract", "due_on", "id"], name="contract_payments_contract"),
            models.Index(fields=["workspace", "status", "due_on"], name="contract_payments_due"),
        ]


class NoteKind(models.TextChoices):
    GENERAL = "general"
    CALL = "call"
    MEETING = "meeting"
    LEGAL = "legal"
    PAYMENT = "payment"


class Note(WorkspaceModel):
    """What somebody wrote down about a contract."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=10, choices=NoteKind, default=NoteKind.GENERAL)
    content = models.TextField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "contract_notes"
        indexes = [models.Index(fields=["workspace", "contract", "created_at", "id"], name="contract_notes_contract")]


def first_alert_days() -> list[int]:
    return [30, 15, 7, 1]


def first_payment_alert_days() -> list[int]:
    return [3]


class ContractSettings(WorkspaceModel):
    """What the server does by itself with the contracts of a workspace; the defaults hold until somebody changes them.

    `alert_days` and `payment_alert_days` are how many days before a contract ends or a payment is due people are told,
    the most first; `alert_at` is the local time at which. `drafts_on_win`: an opportunity that is won drafts one.
    """

    alert_days = models.JSONField(default=first_alert_days)
    payment_alert_days = models.JSONField(default=first_payment_alert_days)
    alert_at = models.TimeField(default=time(8))
    tell_agent = models.BooleanField(default=True)
    tell_managers = models.BooleanField(default=True)
    drafts_on_win = models.BooleanField(default=False)

    class Meta(WorkspaceModel.Meta):
        db_table = "contract_settings"
        verbose_name_plural = "contract settings"
        constraints = [models.UniqueConstraint(fields=["workspace"], name="contract_settings_once")]


class Occasion(models.TextChoices):
    """What people are told of a contract or a payment."""

    ENDING = "ending"
    PAYMENT_DUE = "payment_due"
    PAYMENT_LATE = "payment_late"


class ContractAlert(WorkspaceModel):
    """What was told once: that the contract ends, or its payment is due, on `day`, `days_before` it; 0 of a late one.

    Another day counts anew.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="+")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.CASCADE, related_name="+")
    occasion = models.CharField(max_length=12, choices=Occasion)
    day = models.DateField()
    days_before = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "contract_alerts"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "contract", "occasion", "day", "days_before"],
                condition=Q(payment=None),
                name="contract_alerts_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "payment", "occasion", "day", "days_before"],
                condition=~Q(payment=None),
                name="contract_alerts_payment_once",
            ),
        ]


class AlertRound(WorkspaceModel):
    """How far a workspace's people are told: of everything up to and with `day`."""

    unrecorded = frozenset({"day"})

    day = models.DateField()

    class Meta(WorkspaceModel.Meta):
        db_table = "contract_alert_rounds"
        constraints = [models.UniqueConstraint(fields=["workspace"], name="contract_alert_rounds_once")]


class Document(WorkspaceModel):
    """A file of a contract. `kind` is what its people call such a one, as `Contrato`."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="documents")
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "contract_documents"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "attachment"], name="contract_documents_attachment")
        ]
        indexes = [
            models.Index(fields=["workspace", "contract", "created_at", "id"], name="contract_documents_contract")
        ]
