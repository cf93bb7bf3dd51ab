"""Reacciones a mensajes (urbany.md, "MENSAJERÍA"). Quitar una: added."""

from datetime import datetime

from pydantic import Field

from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import Done, urbany
from backend.dialects.wire import Id, Incoming, Made
from backend.modules.messaging.actions import messages as actions
from backend.modules.messaging.queries import messages as queries
from backend.modules.messaging.routers.urbany.shapes import Reaction, ReactionKind

reactions = Resource(urbany, "/mensajes", tag="Mensajería")


class ReactionIn(Incoming):
    kind: ReactionKind = Field(alias="reaction_type", examples=["love"])


class OwnReaction(Reaction):
    created_at: datetime


class ReactionAdded(Done, Made):
    message: str = Field(examples=["Reacción agregada exitosamente"])
    reaction: OwnReaction


@reactions.post("/messages/{int:message_id}/reactions/")
def add_reaction(request: Call, message_id: Id, reaction: ReactionIn) -> ReactionAdded:
    """Reacciona a un mensaje, una vez de cada tipo; repetida responde 200. Needs `messaging.use`.

    404 para quien no participa en la conversación; 409 si el mensaje se eliminó.
    """
    is_new = actions.react(request.actor, message_id, kind=reaction.kind)
    found = OwnReaction.of(queries.own_reaction(request.actor, message_id, reaction.kind))
    return ReactionAdded(message="Reacción agregada exitosamente", reaction=found, is_new=is_new)


@reactions.delete("/messages/{int:message_id}/reactions/{reaction_type}/")
def remove_reaction(request: Call, message_id: Id, reaction_type: ReactionKind) -> None:
    """Quita una reacción propia. Needs `messaging.use`. 404 si no la hay; 409 si el mensaje se eliminó."""
    actions.remove_reaction(request.actor, message_id, kind=reaction_type)
