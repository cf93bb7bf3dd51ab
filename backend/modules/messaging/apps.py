from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "backend.modules.messaging"
    label = "messaging"

    def ready(self) -> None:
        from backend.core.action import record_with
        from backend.modules.attachments import subjects
        from backend.modules.messaging import queries
        from backend.modules.messaging.actions import membership

        record_with(membership.follow)
        subjects.declare(queries.SUBJECT, visible=queries.is_readable, closed=True)
