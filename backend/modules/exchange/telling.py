"""Telling who asked for an export how far it is, and how it ended, over the sockets that they have open."""

from backend.core import live
from backend.core.actor import Actor
from backend.core.recording import Change
from backend.modules.exchange.models import Export, State

FRAMES = {State.DONE: "export.ready", State.FAILED: "export.failed", State.CANCELLED: "export.cancelled"}


def tell_progress(export: Export, *, rows_done: int, rows_total: int) -> None:
    frame = {"type": "export.progress", "export": export.pk, "rows_done": rows_done, "rows_total": rows_total}
    live.tell(export.workspace_id, export.requested_by_id, frame)


def tell_end(actor: Actor, action: str, changes: list[Change]) -> None:
    """After the commit of an action: of the exports that it ended."""
    for change in changes:
        if change.model is Export and change.kind == "updated" and change.new.get("state") in FRAMES:
            _tell_end(Export.objects.of(Actor.system(change.workspace_id)).get(pk=change.record_id))


def _tell_end(export: Export) -> None:
    frame = {
        "type": FRAMES[State(export.state)],
        "export": export.pk,
        "source": export.source,
        "format": export.format,
        "rows": export.rows_done,
    }
    if export.state == State.FAILED:
        frame["reason"] = export.last_error
    live.tell(export.workspace_id, export.requested_by_id, frame)
