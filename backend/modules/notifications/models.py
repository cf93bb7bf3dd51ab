from email.utils import parseaddr
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from backend.core.tenancy import WorkspaceModel


class State(models.TextChoices):
    """What was decided about a mail. One that a worker is sending now is due, with a lease that has not ended."""

    DUE = "due"
    SENT = "sent"
    FAILED = "failed"


def new_message_id() -> str:
    """A `Message-ID` that no other mail has, in the domain of the sender."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{uuid4().hex}@{domain or 'localhost'}>"


class OutboundEmail(WorkspaceModel):
    """One mail to one address, rendered when it was written.

    It is the order to send it: a worker that claims it writes `leased_until`, and until then no other one takes it.
    `next_at` is when it may be tried (again). The text of a secret one carries a link that opens something: it is
    erased as soon as the mail is sent or has failed for good.
    """

    # The ledger has that a mail was written, sent or given up; trying it is no event of the business.
    unrecorded = frozenset({"attempts", "next_at", "leased_until", "last_error"})
    secret = frozenset({"text", "html"})

    key = models.CharField(max_length=200, help_text="What it is about; a second mail with the same key is not made")
    recipient = models.CharField(max_length=254)
    language = models.CharField(max_length=2)
    template = models.CharField(max_length=50)
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    is_secret = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    message_id = models.CharField(max_length=320, default=new_message_id)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "outbound_emails"
        verbose_name = "outgoing e-mail"
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="outbound_emails_key")]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state=State.DUE), name="outbound_emails_due"),
            models.Index(fields=["workspace", "-created_at", "-id"], name="outbound_emails_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.recipient}"

    @property
    def is_erased(self) -> bool:
        """Whether there is no text left to send."""
        return self.is_secret and not self.text
