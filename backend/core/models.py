"""The kernel's own tables: running totals, how they were found, and the answers kept for a repeated request."""

from django.db import models


class Tally(models.Model):
    """One addend of a running total: the total is the sum of its rows (see `tally.py`).

    `name` is the figure's (see `figures.py`), `key` the values by which it is kept, as in `3:PEN`.
    """

    workspace_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    key = models.CharField(max_length=100)
    amount = models.BigIntegerField()

    class Meta:
        db_table = "tallies"
        indexes = [models.Index(fields=["workspace_id", "name", "key"], name="tallies_total")]


class FigureCheck(models.Model):
    """How many figures of a workspace were off when they were last compared with its rows (see `rebuilding.py`)."""

    workspace_id = models.BigIntegerField(unique=True)
    checked_at = models.DateTimeField()
    drifted = models.PositiveIntegerField()

    class Meta:
        db_table = "figure_checks"


class IdempotentRequest(models.Model):
    """A request that carried an `Idempotency-Key`, and its answer once there is one (see `idempotency.py`)."""

    workspace_id = models.BigIntegerField()
    caller = models.CharField(max_length=30)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    locked_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        db_table = "idempotent_requests"
        constraints = [
            models.UniqueConstraint(fields=["workspace_id", "caller", "key"], name="idempotent_requests_key"),
        ]
