"""Leads that come without an assignee go to the participants by turns."""

from backend.core import turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.leads import settings
from backend.modules.leads.models import Rotation


@action("lead_rotation.take")
def next_assignee(actor: Actor) -> int | None:
    """Whose turn it is; None where leads do not go by turns, or there is nobody to whom they could.

    It is the participant after the one before, as they are now. A turn counts once the caller's transaction is
    committed, and until then the next caller waits for it: so nobody is passed over, however many come in at once.
    """
    wanted = settings.of(actor)
    if not wanted.round_robin:
        return None
    rotation = _locked(actor)
    members = settings.participants(actor, wanted)
    if not members:
        return None
    before = rotation.last_user_id or 0
    rotation.last_user_id = next((user_id for user_id in members if user_id > before), members[0])
    rotation.save()
    return rotation.last_user_id


def _locked(actor: Actor) -> Rotation:
    rows = Rotation.objects.of(actor)
    found: Rotation | None = rows.select_for_update(of=("self",)).first()
    if found is None:
        turns.take(actor.workspace_id, "lead rotation")
        found = rows.select_for_update(of=("self",)).first() or rows.create()
    return found
