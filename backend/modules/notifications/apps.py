from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "backend.modules.notifications"
    label = "notifications"

    def ready(self) -> None:
        from backend.core import due
        from backend.core.action import subscribe
        from backend.modules.notifications import checks, queries, tasks  # noqa: F401 - the checks register themselves

        subscribe(tasks.hint)
        due.declare("emails", queries.count_due)
