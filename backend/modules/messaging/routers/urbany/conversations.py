"""Conversaciones (urbany.md, "MENSAJERÍA - `/api/mensajes/`")."""

from typing import Annotated, Any

from ninja import Query
from pydantic import Field, StringConstraints

from backend.core.errors import Fault, Malformed
from backend.dialects.pages import PageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import Id, Incoming, Text, Wire
from backend.modules.messaging import actions, queries
from backend.modules.messaging.actions import reading
from backend.modules.messaging.queries import messages
from backend.modules.messaging.routers.urbany.shapes import CreatedConversation, Kind, ListedConversation, SubjectKind

conversations = Resource(urbany, "/mensajes", tag="Mensajería")

People = Annotated[list[Id], Field(max_length=actions.MOST_PARTICIPANTS)]


class ConversationQuery(Wire):
    term: Text = Field(
        "",
        alias="search",
        max_length=200,
        description="Título, o nombre o correo de un participante",
        examples=["casa"],
    )
    kind: Kind | None = Field(None, alias="conversation_type")
    subject_kind: SubjectKind | None = Field(None, alias="about_type", description="De qué tratan")
    subject_id: Id | None = Field(None, alias="about_id", description="De qué registro tratan, con `about_type`")

    def filters(self) -> queries.Filters:
        if self.subject_id is not None and self.subject_kind is None:
            raise Malformed([Fault(("query", "about_type"), "required", {})])
        return queries.Filters(**self.model_dump())


class SubjectIn(Incoming):
    kind: SubjectKind = Field(alias="type", examples=["contract"])
    record_id: Id = Field(alias="id", examples=[26])


class ConversationIn(Incoming):
    title: Annotated[Text, StringConstraints(max_length=200)] = Field(
        "", description="Obligatorio en group y announcement", examples=["Proyecto Casa Modelo"]
    )
    kind: Kind = Field(alias="conversation_type", examples=["group"])
    participant_ids: People = Field(
        default=[], alias="participants", description="Quien llama participa siempre", examples=[[2, 3, 4]]
    )
    subject: SubjectIn | None = Field(
        None, alias="about", description="De qué registro trata", examples=[{"type": "contract", "id": 26}]
    )

    def fields(self) -> dict[str, Any]:
        about = None if self.subject is None else actions.Subject(**self.subject.model_dump())
        return self.model_dump(exclude={"subject"}) | {"subject": about}


class ReadIn(Incoming):
    message_id: Id | None = Field(None, alias="message", description="Hasta qué mensaje; sin él, todo", examples=[25])


EVERYTHING = ReadIn()


class Reading(Wire):
    conversation_id: int = Field(alias="conversation", examples=[1])
    seq: int = Field(description="Hasta qué lugar ha leído quien llama", examples=[57])
    unread: int = Field(alias="unread_count", examples=[0])


@conversations.get("/conversations/")
def list_conversations(
    request: Call, filters: Query[ConversationQuery], wanted: Query[PageQuery]
) -> ResultsPage[ListedConversation]:
    """Una página de las conversaciones en las que participa quien llama, la última activa primero.

    Needs `messaging.use`. `search` no distingue mayúsculas ni acentos. `about_type` y `about_id` dan las que tratan
    de un registro.
    """
    found = queries.page(request.actor, filters.filters(), wanted.window())
    return ResultsPage[ListedConversation].of_page(
        request, found, shaped=lambda row: ListedConversation.listed_for(request.actor.user_id, row)
    )


@conversations.post("/conversations/")
def create_conversation(request: Call, conversation: ConversationIn) -> CreatedConversation:
    """Abre una conversación de quien llama con estas personas. Needs `messaging.use`.

    direct tiene exactamente otra persona; entre dos, o entre dos sobre un registro, hay una sola: si ya está, responde
    200 con ella. support sin `participants` va a los administradores; announcement, a todos los miembros activos, y en
    él escriben solo quien lo abrió y los administradores. 400 si un participante no es un miembro activo, o `about` no
    existe para quien llama.
    """
    actor = request.actor
    made = actions.create(actor, **conversation.fields())
    return CreatedConversation.seen_by(actor.user_id, queries.get(actor, made.conversation_id), is_new=made.is_new)


@conversations.get("/conversations/{int:conversation_id}/")
def conversation_details(request: Call, conversation_id: Id) -> ListedConversation:
    """Una conversación, como en el listado. Needs `messaging.use`. 404 para quien no participa."""
    return ListedConversation.listed_for(request.actor.user_id, queries.get(request.actor, conversation_id))


@conversations.post("/conversations/{int:conversation_id}/read/", status=200)
def mark_conversation_read(request: Call, conversation_id: Id, upto: ReadIn = EVERYTHING) -> Reading:
    """Anota que quien llama ha leído hasta un mensaje, o todo. Needs `messaging.use`.

    Lo leído no vuelve a estar sin leer. 400 si `message` no es de esta conversación.
    """
    actor, seq = request.actor, None
    if upto.message_id is not None:
        seq = messages.place_of(actor, conversation_id, upto.message_id)
    read = reading.mark_read(actor, conversation_id, seq=seq)
    unread = queries.unread_counts(actor, [conversation_id]).get(conversation_id, 0)
    return Reading(conversation_id=conversation_id, seq=read, unread=unread)
