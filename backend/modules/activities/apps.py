from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "backend.modules.activities"
    label = "activities"
