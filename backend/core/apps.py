from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.module_loading import module_has_submodule


class CoreConfig(AppConfig):
    name = "backend.core"
    label = "core"

    def ready(self) -> None:
        from backend.core import pdf, search  # noqa: F401 - the check of pdf registers itself

        import_from_every_app("queries", "actions")  # so that the catalogue of permissions is complete
        post_migrate.connect(search.ensure_indexes, sender=self)


def import_from_every_app(*names: str) -> None:
    """Import the modules of these names wherever there is one; of one that is a package, all that is in it."""
    for config in apps.get_app_configs():
        for name in names:
            if module_has_submodule(config.module, name):
                found = import_module(f"{config.name}.{name}")
                for inner in iter_modules(getattr(found, "__path__", ())):
                    import_module(f"{found.__name__}.{inner.name}")
