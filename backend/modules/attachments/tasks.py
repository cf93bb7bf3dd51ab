from celery import shared_task
from django.utils import timezone

from backend.core.actor import Actor
from backend.modules.attachments import actions, storages
from backend.modules.identity import queries as identity


@shared_task
def sweep_attachments() -> int:
    """Remove the files that nobody confirmed or that were removed, of every workspace, and answer how many."""
    swept = sum(actions.sweep(Actor.system(workspace_id)) for workspace_id in identity.workspace_ids())
    storages.current().clear_incoming(before=timezone.now() - actions.CONFIRM_WITHIN - actions.GRACE)
    return swept
