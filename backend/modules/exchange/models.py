from django.conf import settings
from django.db import models

from backend.core.jobs import Job


class State(models.TextChoices):
    """What was decided about an export. One that a worker is writing now is due, with a lease that has not ended."""

    DUE = "due"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Format(models.TextChoices):
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


class Export(Job):
    """An order to write a list into a file, for who asked: under the rights that they have when it is written.

    `source` names the list, `filters` are the parameters as they were given; `last_error` is a code. The file is an
    attachment of the row. Both go after `expires_at`, which stands from the end on.
    """

    unrecorded = Job.unrecorded | {"rows_done", "rows_total"}

    source = models.CharField(max_length=100)
    filters = models.JSONField(default=dict)
    format = models.CharField(max_length=4, choices=Format)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.DUE)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(Job.Meta):
        db_table = "exports"
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state=State.DUE), name="exports_due"),
            models.Index(fields=["expires_at"], name="exports_to_sweep"),
            models.Index(fields=["workspace", "-created_at", "-id"], name="exports_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.source} as {self.format}"
