from email.utils import parseaddr
from uuid import uuid4

from django.conf import settings
from django.db import models

from backend.core.jobs import Job
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


class OutboundEmail(Job):
    """One mail to one address, rendered when it was written.

    The text of a secret one carries a link that opens something: it is
    erased as soon as the mail is sent or has failed for good.
    """

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
    message_id = models.CharField(max_length=320, default=new_message_id)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta(Job.Meta):
        db_table = "outbound_emails"
        verbose_name = "outgoing e-mail"
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="outbound_emails_key")]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state=State.DUE), name="outbound_emails_due"),
            models.Index(fields=["workspace", "-created_at", "-id"], name="outbound_emails_newest"),
            models.Index(fields=["created_at"], name="outbound_emails_to_sweep"),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.recipient}"

    @property
    def is_erased(self) -> bool:
        """Whether there is no text left to send."""
        return self.is_secret and not self.text


class OutboundFile(WorkspaceModel):
    """A file that goes out with a mail, in the order of the ids. It is kept as long as the mail's text."""

    unrecorded = frozenset({"content"})

    email = models.ForeignKey(OutboundEmail, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    content = models.BinaryField()
    size = models.PositiveIntegerField(help_text="Bytes")

    class Meta(WorkspaceModel.Meta):
        db_table = "outbound_files"
        verbose_name = "file of an outgoing e-mail"
        verbose_name_plural = "files of outgoing e-mails"

    def __str__(self) -> str:
        return self.name


class Notification(WorkspaceModel):
    """What one person was told in the application, in their language when it was written.

    `subject_kind` and `subject_id` name the record that it is about, if it is about one.
    """

    unrecorded = frozenset(
        {"text", "read_at"}
    )  # what is in the ledger already; and reading is no event of the business

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200, help_text="The event; nobody is told of it twice")
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=300)
    text = models.TextField()
    subject_kind = models.CharField(max_length=30, blank=True)
    subject_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "notifications"
        constraints = [models.UniqueConstraint(fields=["workspace", "user", "key"], name="notifications_key")]
        indexes = [
            models.Index(fields=["workspace", "user", "-id"], name="notifications_newest"),
            models.Index(
                fields=["workspace", "user", "-id"], condition=models.Q(read_at=None), name="notifications_unread"
            ),
            models.Index(fields=["created_at"], name="notifications_to_sweep"),
        ]

    def __str__(self) -> str:
        return self.title


class ChannelChoice(WorkspaceModel):
    """How a person wants to be told of one kind of event in the workspace, where they have said so."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    email = models.BooleanField()
    in_app = models.BooleanField()

    class Meta(WorkspaceModel.Meta):
        db_table = "notification_channels"
        constraints = [models.UniqueConstraint(fields=["workspace", "user", "kind"], name="notification_channels_once")]

    def __str__(self) -> str:
        return f"{self.kind} of user {self.user_id}"
