"""Who talks with whom, and about what."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.core.tenancy import WorkspaceModel


class Kind(models.TextChoices):
    DIRECT = "direct"
    GROUP = "group"
    SUPPORT = "support"
    ANNOUNCEMENT = "announcement"


class Conversation(WorkspaceModel):
    """People who write to each other.

    `last_seq` is the place of what happened last: each message, each change of one, each change of the participants
    takes the next place, under this row's lock. `changed_seq` is the place of the last change of the conversation
    itself. `pair` names the two people of a direct one, so that there is one alone. `subject_kind` and `subject_id`
    say which record it is about, if it is about one.
    """

    unrecorded = frozenset({"last_seq", "changed_seq", "active_at"})

    kind = models.CharField(max_length=12, choices=Kind)
    title = models.CharField(max_length=200, blank=True)
    pair = models.CharField(max_length=50, null=True, editable=False)
    subject_kind = models.CharField(max_length=30, blank=True)
    subject_id = models.PositiveBigIntegerField(null=True)
    is_active = models.BooleanField(default=True)
    last_seq = models.PositiveBigIntegerField(default=0)
    changed_seq = models.PositiveBigIntegerField(default=0)
    active_at = models.DateTimeField(default=timezone.now)
    search_text = models.TextField(editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "conversations"
        constraints = [models.UniqueConstraint(fields=["workspace", "pair"], name="conversations_pair")]
        indexes = [
            models.Index(fields=["workspace", "-active_at", "-id"], name="conversations_active"),
            models.Index(
                fields=["workspace", "subject_kind", "subject_id"],
                condition=~Q(subject_id=None),
                name="conversations_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.pk}"


class Participant(WorkspaceModel):
    """Somebody in a conversation, who has read everything up to the place `read_seq`. Who has left sees it no more."""

    unrecorded = frozenset({"read_seq"})  # reading is no event of the business

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_seq = models.PositiveBigIntegerField(default=0)
    joined_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "conversation_participants"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "conversation", "user"], name="conversation_participants_once")
        ]
        indexes = [
            models.Index(
                fields=["workspace", "user", "conversation"],
                condition=Q(left_at=None),
                name="participants_conversations",
            )
        ]
