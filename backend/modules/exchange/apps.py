from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "backend.modules.exchange"
    label = "exchange"

    def ready(self) -> None:
        from backend.core import jobs
        from backend.core.action import subscribe
        from backend.modules.attachments import subjects
        from backend.modules.exchange import queries, tasks, telling
        from backend.modules.exchange.models import Export

        subscribe(tasks.hint)
        subscribe(telling.tell_end)
        subjects.declare(queries.SUBJECT, visible=queries.exists)
        jobs.watch("exports", Export)
