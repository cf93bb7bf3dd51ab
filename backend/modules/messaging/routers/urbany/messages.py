"""Mensajes (urbany.md, "MENSAJERÍA"). Leer, cambiar y eliminar uno: added."""

from typing import Annotated, Any

from ninja import Query
from pydantic import Field, StringConstraints

from backend.dialects.pages import OrderedPageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import FilledText, Id, Incoming, Text, Wire
from backend.modules.messaging.actions import messages as actions
from backend.modules.messaging.actions import reading
from backend.modules.messaging.queries import messages as queries
from backend.modules.messaging.routers.urbany.shapes import Message, MessageKind, SentMessage

messages = Resource(urbany, "/mensajes", tag="Mensajería")

ORDERINGS = {"created_at": "seq"}
Content = Annotated[Text, StringConstraints(max_length=actions.LONGEST)]


class MessagesQuery(OrderedPageQuery):
    page_size: Annotated[int, Field(ge=1, le=100)] = 50


class PlaceQuery(Wire):
    before: Id | None = Field(None, description="Los anteriores a este mensaje", examples=[25])
    after: Id | None = Field(None, description="Los posteriores a este mensaje", examples=[25])

    def filters(self) -> queries.Filters:
        return queries.Filters(before=self.before, after=self.after)


class MessageIn(Incoming):
    kind: MessageKind = Field("text", alias="message_type", examples=["text"])
    content: Content = Field(
        "", description="Opcional si hay `attachment`", examples=["Perfecto, nos vemos mañana a las 10 AM"]
    )
    key: Annotated[FilledText, StringConstraints(max_length=200)] | None = Field(
        None,
        alias="attachment",
        description="La clave de un archivo que se subió, en image y file",
        examples=["1/4fT…"],
    )
    reply_to_id: Id | None = Field(None, alias="reply_to", description="Un mensaje de la conversación", examples=[25])
    client_id: Annotated[FilledText, StringConstraints(max_length=64)] | None = Field(
        None, description="Como lo llama quien lo envía: con el mismo se guarda una sola vez", examples=["b2c9…"]
    )


class MessageChangeIn(Incoming):
    read_only = frozenset({
        "id", "conversation", "seq", "sender", "client_id", "message_type", "attachment", "reply_to", "reactions",
        "is_read", "read_at", "time_ago", "is_edited", "is_deleted", "created_at",
    })  # fmt: skip

    content: Content = Field(examples=["Perfecto, nos vemos mañana a las 11 AM"])


@messages.get("/conversations/{int:conversation_id}/messages/")
def list_messages(
    request: Call, conversation_id: Id, place: Query[PlaceQuery], wanted: Query[MessagesQuery]
) -> ResultsPage[Message]:
    """Una página de los mensajes de una conversación, el más antiguo primero; `ordering=-created_at` al revés.

    Needs `messaging.use`. Quien la lee la ha leído: hasta su último mensaje, desde la próxima respuesta. `is_read` es
    que lo leyeron todos los demás, `read_at` cuándo el último. Un mensaje eliminado sigue en su lugar, vacío. 404 para
    quien no participa; 400 si `before` o `after` no son de esta conversación.
    """
    found = reading.page(request.actor, conversation_id, place.filters(), wanted.window_in(ORDERINGS))
    return ResultsPage[Message].of_page(request, found, shaped=lambda row: Message.sent(row, base=_base(request)))


@messages.post("/conversations/{int:conversation_id}/messages/")
def send_message(request: Call, conversation_id: Id, message: MessageIn) -> SentMessage:
    """Envía un mensaje. Needs `messaging.use`.

    image y file llevan en `attachment` la clave de un archivo que se anunció para esta conversación y ya se subió. Con
    un `client_id` con el que quien llama ya envió uno, responde 200 con aquel. 403 en un announcement de otros; 404 si
    la clave no se anunció aquí, 409 si ya se usó, 422 si no se subió nada, o algo de otro tipo o tamaño.
    """
    actor = request.actor
    sent = actions.send(actor, conversation_id, **message.model_dump())
    return SentMessage.sent(queries.get(actor, sent.message_id), base=_base(request), is_new=sent.is_new)


@messages.get("/messages/{int:message_id}/")
def message_details(request: Call, message_id: Id) -> Message:
    """Un mensaje, sin marcarlo como leído. Needs `messaging.use`. 404 para quien no participa en su conversación."""
    return Message.sent(queries.get(request.actor, message_id), base=_base(request))


@messages.put("/messages/{int:message_id}/")
def edit_message(request: Call, message_id: Id, change: MessageChangeIn) -> Message:
    """Cambia el texto de un mensaje propio, dentro de los 15 minutos. Needs `messaging.use`.

    Se ve como editado. 403 si es de otro; 409 si pasaron los 15 minutos o se eliminó.
    """
    actions.edit(request.actor, message_id, content=change.content)
    return Message.sent(queries.get(request.actor, message_id), base=_base(request))


@messages.delete("/messages/{int:message_id}/")
def delete_message(request: Call, message_id: Id) -> None:
    """Elimina un mensaje propio, dentro de los 15 minutos: queda su lugar, vacío. Needs `messaging.use`.

    Su archivo y sus reacciones se eliminan con él. 403 si es de otro; 409 si pasaron los 15 minutos o ya se eliminó.
    """
    actions.delete(request.actor, message_id)


def _base(request: Any) -> str:
    """Where this server is, for the addresses of files that it keeps itself."""
    return str(request.build_absolute_uri("/")).removesuffix("/")
