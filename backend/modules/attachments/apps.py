from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    name = "backend.modules.attachments"
    label = "attachments"

    def ready(self) -> None:
        from backend.modules.attachments import storages
        from backend.monitoring import health

        health.check("storage", lambda: storages.current().check())
