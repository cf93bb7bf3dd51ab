from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def refurnish_workspaces(using: str, **kwargs: Any) -> None:
    """After a migration: every workspace gets what this version of the program brought."""
    from backend.core.actor import Actor
    from backend.modules.identity import actions
    from backend.modules.identity.models import Workspace

    for workspace in Workspace.objects.using(using).order_by("id"):
        actions.refurnish_workspace(Actor.system(None), workspace_id=workspace.pk)


class IdentityConfig(AppConfig):
    name = "backend.modules.identity"
    label = "identity"

    def ready(self) -> None:
        from backend.core import due
        from backend.core.action import record_with
        from backend.modules.identity import assignments, queries
        from backend.modules.identity.actions import rights

        record_with(rights.keep_an_administrator)
        record_with(assignments.tell)
        due.declare("recoveries", queries.count_waiting_recoveries, stuck=queries.count_stuck_recoveries)
        post_migrate.connect(refurnish_workspaces, sender=self)
