"""Telling the sockets of a workspace what just happened in a conversation, after the commit."""

from collections.abc import Collection, Mapping
from typing import Any, cast

from django.db import transaction

from backend.core import live
from backend.core.actor import Actor
from backend.modules.messaging.permissions import USE


def happened(actor: Actor, conversation_id: int, seq: int, *, newcomers: Collection[int] = ()) -> None:
    """Something stands at this place now. `newcomers` are people who may not know the conversation yet."""
    hint = {"type": "happened", "conversation": conversation_id, "seq": seq, "newcomers": list(newcomers)}
    transaction.on_commit(lambda: live.publish(cast(int, actor.workspace_id), hint), robust=True)


def tell(actor: Actor, user_ids: Collection[int], frame: Mapping[str, Any]) -> None:
    """What takes no place, as somebody's reading: who misses it sees it over REST."""
    workspace_id = cast(int, actor.workspace_id)
    transaction.on_commit(lambda: live.tell_all(workspace_id, user_ids, frame, needs=USE), robust=True)
