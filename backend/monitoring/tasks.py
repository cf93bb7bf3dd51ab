from celery import shared_task

from backend.monitoring import broker


@shared_task
def heartbeat() -> None:
    """Show that beat, the broker and a worker work: the whole way, because beat asks for it and a worker does it."""
    broker.beat()
