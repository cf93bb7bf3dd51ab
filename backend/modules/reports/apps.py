from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "backend.modules.reports"
    label = "reports"
