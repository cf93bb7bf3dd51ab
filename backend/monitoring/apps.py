from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Installed so that the worker finds its task."""

    name = "backend.monitoring"
    label = "monitoring"
