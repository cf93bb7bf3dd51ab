from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "backend.core"
    label = "core"

    def ready(self) -> None:
        from backend.core import search

        autodiscover_modules("queries", "actions")  # so that the catalogue of permissions is complete
        post_migrate.connect(search.ensure_indexes, sender=self)
