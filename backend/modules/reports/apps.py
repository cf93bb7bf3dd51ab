from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "backend.modules.reports"
    label = "reports"

    def ready(self) -> None:
        from backend.core import due, rebuilding

        due.declare("figures", due.none, failed=rebuilding.drifted)
