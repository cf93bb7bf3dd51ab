from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "worker"

    def ready(self) -> None:
        """Load the Celery application in every process, so that a `@shared_task` called anywhere finds its broker."""
        import worker.app  # noqa: F401
        from worker import nightly

        nightly.watch()
