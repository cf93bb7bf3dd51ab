"""Writing the ledger. Nobody calls this: the kernel hands over what each action changed."""

from backend.core import request_id
from backend.core.actor import Actor
from backend.core.recording import Change
from backend.modules.ledger.models import Entry


def record(actor: Actor, action: str, changes: list[Change]) -> None:
    """Append an entry per change, in the transaction of the change."""
    Entry.across_workspaces.bulk_create(
        Entry(
            workspace_id=change.workspace_id or actor.workspace_id,
            verb=f"{change.model._meta.model_name}.{change.kind}",
            action=action,
            user_id=actor.user_id,
            username=actor.username,
            table=change.model._meta.db_table,
            record_id=change.record_id,
            old=change.old,
            new=change.new,
            request_id=request_id.current.get(),
        )
        for change in changes
    )
