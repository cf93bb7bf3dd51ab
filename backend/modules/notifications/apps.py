from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "backend.modules.notifications"
    label = "notifications"

    def ready(self) -> None:
        from backend.core import jobs
        from backend.core.action import subscribe
        from backend.modules.notifications import checks, tasks  # noqa: F401 - the checks register themselves
        from backend.modules.notifications.models import OutboundEmail

        subscribe(tasks.hint)
        subscribe(tasks.tell)
        jobs.watch("emails", OutboundEmail)
