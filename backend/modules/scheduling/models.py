from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.jobs import Job
from backend.core.tenancy import WorkspaceModel
from backend.modules.scheduling.slots import Every


class State(models.TextChoices):
    """What was decided about a run. One that a worker is at now is due, with a lease that has not ended."""

    DUE = "due"
    DONE = "done"
    FAILED = "failed"


OF_EACH_CADENCE = (
    Q(every=Every.DAY, weekday=None, day_of_month=None)
    | Q(every=Every.WEEK, weekday__range=(0, 6), day_of_month=None)
    | Q(every=Every.MONTH, weekday=None, day_of_month__range=(1, 31))
)


class ReportSubscription(WorkspaceModel):
    """A person's wish to have a report mailed again and again: see `slots.Cadence` for when.

    `report` is a name of the catalogue, `parameters` are its own, read and complete. `next_at` is the first slot that
    no run was made for. `paused_reason` is the code of what ended it; empty where its owner paused it.
    """

    unrecorded = frozenset({"next_at"})

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    report = models.CharField(max_length=50)
    parameters = models.JSONField(default=dict)
    every = models.CharField(max_length=5, choices=[(each.value, each.value) for each in Every])
    weekday = models.PositiveSmallIntegerField(null=True)
    day_of_month = models.PositiveSmallIntegerField(null=True)
    at = models.TimeField()
    time_zone = models.CharField(max_length=64)
    next_at = models.DateTimeField()
    is_active = models.BooleanField(default=True)
    paused_reason = models.CharField(max_length=50, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "report_subscriptions"
        constraints = [models.CheckConstraint(condition=OF_EACH_CADENCE, name="report_subscriptions_cadence")]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(is_active=True), name="report_subscriptions_due"),
            models.Index(fields=["workspace", "user", "-created_at", "-id"], name="report_subscriptions_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.report} each {self.every}"


class ReportRun(Job):
    """One time that a subscription's report is made and mailed.

    `slot` is None for one that its owner asked for beside the slots. Periods are those of `as_of`, however late it is.
    `skipped` counts the older slots that passed meanwhile and are not made up for. `last_error` is a code.
    """

    subscription = models.ForeignKey(ReportSubscription, on_delete=models.CASCADE, related_name="+")
    slot = models.DateTimeField(null=True)
    as_of = models.DateTimeField()
    skipped = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(Job.Meta):
        db_table = "report_runs"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "subscription", "slot"], name="report_runs_one_a_slot"),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state=State.DUE), name="report_runs_due"),
            models.Index(fields=["workspace", "subscription", "-created_at", "-id"], name="report_runs_newest"),
        ]

    def __str__(self) -> str:
        return f"run of subscription {self.subscription_id}"
