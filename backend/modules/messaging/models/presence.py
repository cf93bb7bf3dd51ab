"""Who is there. What is stored is what is known; what it comes to is said by the rules in `presence.py`."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.core.recording import RecordedModel
from backend.core.tenancy import WorkspaceModel
from backend.modules.messaging.presence import Status


class Presence(WorkspaceModel):
    """What somebody wants to be shown as in a workspace, and what they were last told to be: `shown`.

    `last_seen_at` is when they were last known to be there, as far as no connection says so; for who appears offline it
    stays at when they chose to. `called_at` is when they last chose over REST, which is a sign of life. At `due_at`
    what is shown may change without anybody doing anything.
    """

    unrecorded = frozenset({"shown", "last_seen_at", "called_at", "chosen_at", "due_at"})

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=Status, default=Status.ONLINE)
    custom_message = models.CharField(max_length=200, blank=True)
    chosen_at = models.DateTimeField(default=timezone.now)
    called_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    shown = models.CharField(max_length=8, choices=Status, default=Status.OFFLINE)
    due_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "presences"
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="presences_once")]
        indexes = [models.Index(fields=["due_at"], condition=~Q(due_at=None), name="presences_due")]


class Process(RecordedModel):
    """A process that has sockets. It lives for as long as it says so."""

    in_ledger = False

    id = models.UUIDField(primary_key=True, default=uuid4)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "socket_processes"


class Connection(WorkspaceModel):
    """A socket of somebody's. `process_id` names the process that has it, which may have died without a word.

    It refers to no row: a process that was given up for dead and lives says so itself, and nobody waits for it.
    """

    in_ledger = False

    id = models.UUIDField(primary_key=True, default=uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    process_id = models.UUIDField()
    opened_at = models.DateTimeField()
    active_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "socket_connections"
        indexes = [
            models.Index(fields=["workspace", "user"], name="connections_person"),
            models.Index(fields=["process_id"], name="connections_process"),
        ]
