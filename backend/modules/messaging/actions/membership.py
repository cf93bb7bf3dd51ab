"""What becomes of somebody's conversations when they may act in the workspace no more.

Who was let go leaves them; the direct ones stay as they are, for the other one to read and for a return. Who was
deactivated stays in all of them. Nobody waits for either to have read.
"""

from collections.abc import Iterator

from backend.core.action import action
from backend.core.actor import Actor
from backend.core.recording import Change
from backend.modules.identity import belonging
from backend.modules.identity import queries as identity
from backend.modules.identity.models import Membership, User
from backend.modules.messaging.actions import places, reading
from backend.modules.messaging.models import Conversation, Kind, Participant


def follow(actor: Actor, action_name: str, changes: list[Change]) -> None:
    """In the transaction of an action: see to the conversations of each member that it let go or deactivated."""
    for change in changes:
        is_off = change.kind == "updated" and change.new.get("is_active") is False
        if change.model is Membership and change.kind == "deleted":
            let_go(Actor.system(change.workspace_id), user_id=change.old["user_id"])
        elif change.model is Membership and is_off:
            here = Actor.system(change.workspace_id)
            for user_id in identity.users_of(here, [change.record_id]):
                wait_no_more(here, user_id=user_id)
        elif change.model is User and is_off:
            for workspace_id in belonging.workspaces_of(change.record_id):
                wait_no_more(Actor.system(workspace_id), user_id=change.record_id)


@action("conversation.let_go")
def let_go(actor: Actor, *, user_id: int) -> None:
    """Have who is no member any more leave all conversations but the direct ones. The server does so."""
    for conversation in _held(actor, user_id):
        if conversation.kind == Kind.DIRECT:
            reading.settle(actor, conversation.pk)
        else:
            places.take_out(actor, conversation, user_id)


@action("conversation.wait_no_more")
def wait_no_more(actor: Actor, *, user_id: int) -> None:
    """Note what everybody else has read already. The server does so."""
    for conversation in _held(actor, user_id):
        reading.settle(actor, conversation.pk)


def _held(here: Actor, user_id: int) -> Iterator[Conversation]:
    """Their conversations, each held from its turn on, always in the same order."""
    own = Participant.objects.of(here).filter(user_id=user_id, left_at=None)
    rows = Conversation.objects.of(here).select_for_update(of=("self",))
    for conversation_id in list(own.order_by("conversation_id").values_list("conversation_id", flat=True)):
        yield rows.get(pk=conversation_id)
