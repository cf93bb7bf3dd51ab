"""Quién participa en una conversación (added)."""

from typing import Annotated

from pydantic import Field

from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import Id, Incoming
from backend.modules.messaging import actions, queries
from backend.modules.messaging.routers.urbany.shapes import Conversation

participants = Resource(urbany, "/mensajes", tag="Mensajería")

People = Annotated[list[Id], Field(min_length=1, max_length=actions.MOST_PARTICIPANTS)]


class ParticipantsIn(Incoming):
    participant_ids: People = Field(alias="participants", examples=[[5]])


@participants.post("/conversations/{int:conversation_id}/participants/", status=200)
def add_participants(request: Call, conversation_id: Id, people: ParticipantsIn) -> Conversation:
    """Añade personas; quien ya está se queda como está. Needs `messaging.use`.

    Ven también lo que se escribió antes, que no les cuenta como sin leer. En un announcement lo hacen quien lo abrió y
    los administradores. 400 si alguien no es un miembro activo; 409 en una direct, que es siempre de dos.
    """
    actor = request.actor
    actions.add_participants(actor, conversation_id, participant_ids=people.participant_ids)
    return Conversation.seen_by(actor.user_id, queries.get(actor, conversation_id))


@participants.delete("/conversations/{int:conversation_id}/participants/{int:user_id}/")
def remove_participant(request: Call, conversation_id: Id, user_id: Id) -> None:
    """Saca a una persona de la conversación; con el id de quien llama, sale de ella. Needs `messaging.use`.

    A otros los saca quien la abrió o un administrador. Quien sale ya no la ve. 404 si no participa; 409 en una direct.
    """
    actions.remove_participant(request.actor, conversation_id, user_id=user_id)
