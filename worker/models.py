from django.db import models


class NightlyJob(models.Model):
    """A job that is done once a night for one workspace (see `nightly.py`).

    `next_at` is the workspace's next midnight, or when one that failed is tried again. `last_error` is of the last try,
    or of the night that was given up.
    """

    workspace_id = models.BigIntegerField()
    name = models.CharField(max_length=50)
    next_at = models.DateTimeField(db_index=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        db_table = "nightly_jobs"
        constraints = [models.UniqueConstraint(fields=["workspace_id", "name"], name="nightly_jobs_name")]

    def __str__(self) -> str:
        return f"{self.name} of workspace {self.workspace_id}"
