from functools import partial

from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "backend.modules.contracts"
    label = "contracts"

    def ready(self) -> None:
        from backend.core import due
        from backend.core.action import record_with
        from backend.modules.attachments import subjects
        from backend.modules.contracts import alerts, queries
        from backend.modules.contracts.actions import drafting

        record_with(drafting.draft_won)
        due.declare("contract alerts", alerts.count_due, stuck=partial(alerts.count_due, late=due.LATE))
        subjects.declare(queries.SUBJECT, visible=queries.is_readable, closed=True)
