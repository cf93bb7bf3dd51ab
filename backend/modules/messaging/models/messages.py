"""What is written."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.tenancy import WorkspaceModel
from backend.modules.attachments.models import Attachment
from backend.modules.messaging.models.conversations import Conversation


class MessageKind(models.TextChoices):
    TEXT = "text"
    IMAGE = "image"
    FILE = "file"


class Message(WorkspaceModel):
    """What somebody wrote into a conversation, at its place `seq`.

    `changed_seq` is the place of its last change: of an edit, its deletion or a reaction; its own place before.
    `client_id` is what the sender's client calls it: sent again under it, it is the same message. `read_at` is when the
    last of the other participants read it. Of a deleted one the content is gone from here; the ledger has it.
    """

    unrecorded = frozenset({"changed_seq", "is_reaction_last", "read_at"})
    private = frozenset({"content"})

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveBigIntegerField()
    changed_seq = models.PositiveBigIntegerField()
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    client_id = models.CharField(max_length=64, null=True)
    kind = models.CharField(max_length=8, choices=MessageKind, default=MessageKind.TEXT)
    content = models.TextField(blank=True)
    attachment = models.ForeignKey(Attachment, null=True, on_delete=models.PROTECT, related_name="+")
    reply_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    is_reaction_last = models.BooleanField(default=False)
    search_text = models.TextField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "messages"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "conversation", "seq"], name="messages_place"),
            models.UniqueConstraint(
                fields=["workspace", "conversation", "sender", "client_id"], name="messages_client_id"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "conversation", "changed_seq"], name="messages_changes"),
            models.Index(
                fields=["workspace", "conversation", "seq"], condition=Q(read_at=None), name="messages_unread"
            ),
            models.Index(fields=["workspace", "sender", "-created_at"], name="messages_sender"),
        ]

    def __str__(self) -> str:
        return f"message {self.seq} of conversation {self.conversation_id}"


class ReactionKind(models.TextChoices):
    LIKE = "like"
    LOVE = "love"
    LAUGH = "laugh"
    WOW = "wow"
    SAD = "sad"
    ANGRY = "angry"


class Reaction(WorkspaceModel):
    """What somebody thinks of a message; one of each kind per person."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=ReactionKind)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "message_reactions"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "message", "user", "kind"], name="message_reactions_once")
        ]
