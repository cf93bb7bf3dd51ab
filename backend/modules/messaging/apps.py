from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "backend.modules.messaging"
    label = "messaging"

    def ready(self) -> None:
        from backend.modules.attachments import subjects
        from backend.modules.messaging import queries

        subjects.declare(queries.SUBJECT, visible=queries.is_readable, closed=True)
