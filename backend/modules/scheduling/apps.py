from functools import partial

from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "backend.modules.scheduling"
    label = "scheduling"

    def ready(self) -> None:
        from backend.core import due, jobs
        from backend.core.action import subscribe
        from backend.modules.scheduling import queries, tasks
        from backend.modules.scheduling.models import ReportRun

        subscribe(tasks.hint)
        jobs.watch("scheduled reports", ReportRun)
        stuck = partial(queries.count_due_slots, late=due.LATE)
        due.declare("report slots", queries.count_due_slots, stuck=stuck)
