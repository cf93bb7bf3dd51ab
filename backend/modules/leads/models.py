from django.conf import settings
from django.db import models
from django.utils import timezone

from backend.core.recording import unlink
from backend.core.tenancy import WorkspaceModel
from backend.modules.contacts.models import Contact

LONGEST_THANKS = 500


class Channel(models.TextChoices):
    """How a lead came."""

    WEB = "web"
    WHATSAPP = "whatsapp"
    INSTAGRAM = "instagram"
    MANUAL = "manual"


class Status(models.TextChoices):
    NEW = "new"
    CONTACTED = "contacted"
    QUOTED = "quoted"
    CLOSED = "closed"
    DISCARDED = "discarded"


OPEN = (Status.NEW, Status.CONTACTED, Status.QUOTED)
# What is noted of a lead that has come so far.
STEPS: dict[str, tuple[str, ...]] = {
    Status.CONTACTED: ("contacted_at",),
    Status.QUOTED: ("contacted_at", "quoted_at"),
    Status.CLOSED: ("contacted_at", "quoted_at", "closed_at"),
}


class Lead(WorkspaceModel):
    """Somebody's interest, which a salesperson follows up.

    `contacted_at`, `quoted_at` and `closed_at` are when it first came so far, or beyond. What was closed or discarded
    stays when its contact is deleted, without one.
    """

    contact = models.ForeignKey(Contact, null=True, on_delete=unlink, related_name="leads")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.MANUAL)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    admin_notes = models.TextField(blank=True)
    sales_notes = models.TextField(blank=True)
    contacted_at = models.DateTimeField(null=True, editable=False)
    quoted_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    search_text = models.TextField(editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "leads"
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="leads_newest"),
            models.Index(fields=["workspace", "assigned_to", "-created_at", "-id"], name="leads_assigned"),
            models.Index(fields=["workspace", "status", "-created_at", "-id"], name="leads_status"),
            models.Index(fields=["workspace", "contact"], name="leads_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} ({self.channel})" if self.contact else self.channel


class Detail(models.TextChoices):
    """What a web form may insist on beside a name."""

    PHONE = "phone"
    EMAIL = "email"
    MESSAGE = "message"


class LeadSettings(WorkspaceModel):
    """How leads come into a workspace by themselves, and whose they become. The defaults hold where there is no row.

    `round_robin_members` are users; none stands for everybody who holds the role sales. The tokens are the last parts
    of the addresses at which leads come in (see `settings.new_token`); the secrets are sealed, empty if there is none.
    """

    round_robin = models.BooleanField(default=False)
    round_robin_members = models.JSONField(default=list)
    whatsapp_token = models.CharField(max_length=64, editable=False)
    whatsapp_phone_number_id = models.CharField(max_length=32, blank=True)
    sealed_app_secret = models.CharField(max_length=1000, blank=True, editable=False)
    sealed_verify_token = models.CharField(max_length=1000, blank=True, editable=False)
    web_form = models.BooleanField(default=False)
    web_form_token = models.CharField(max_length=64, editable=False)
    web_form_origins = models.JSONField(default=list)
    web_form_required = models.JSONField(default=list)
    web_form_thanks = models.CharField(max_length=LONGEST_THANKS, blank=True)

    secret = frozenset({"sealed_app_secret", "sealed_verify_token", "whatsapp_token", "web_form_token"})

    class Meta(WorkspaceModel.Meta):
        db_table = "lead_settings"
        constraints = [models.UniqueConstraint(fields=["workspace"], name="lead_settings_once")]

    def __str__(self) -> str:
        return f"lead settings of {self.workspace}"

    @property
    def takes_whatsapp(self) -> bool:
        """Whether there is all that messages need to come in."""
        return bool(self.whatsapp_phone_number_id and self.sealed_app_secret and self.sealed_verify_token)


class Rotation(WorkspaceModel):
    """Who was given the last lead by turns. Who gives the next one has it locked until their transaction ends."""

    last_user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    unrecorded = frozenset({"last_user_id"})

    class Meta(WorkspaceModel.Meta):
        db_table = "lead_rotations"
        constraints = [models.UniqueConstraint(fields=["workspace"], name="lead_rotations_once")]

    def __str__(self) -> str:
        return f"rotation of {self.workspace}"
