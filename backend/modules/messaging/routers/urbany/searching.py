"""Buscar mensajes (urbany.md, "MENSAJERÍA")."""

from datetime import datetime
from typing import Annotated, Any, Self

from ninja import Query
from pydantic import Field, StringConstraints

from backend.dialects.pages import PageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import FilledText, Id, Wire
from backend.modules.messaging.queries import messages
from backend.modules.messaging.routers.urbany.shapes import MessageKind, title_for

searching = Resource(urbany, "/mensajes", tag="Mensajería")


class MessageSearchQuery(Wire):
    term: Annotated[FilledText, StringConstraints(max_length=200)] = Field(
        alias="q", description="Palabras, en cualquier orden", examples=["contrato"]
    )
    conversation_id: Id | None = Field(None, description="Solo en esta conversación", examples=[1])
    kind: MessageKind | None = Field(None, alias="message_type")

    def filters(self) -> messages.SearchFilters:
        return messages.SearchFilters(**self.model_dump())


class FoundIn(Wire):
    id: int = Field(examples=[1])
    title: str = Field(examples=["Conversación con María García"])


class FoundMessage(Wire):
    id: int = Field(examples=[25])
    content: str = Field(examples=["¿Podemos revisar el contrato mañana?"])
    sender_email: str = Field(alias="sender", examples=["maria@urbany.com"])
    conversation: FoundIn
    created_at: datetime

    @classmethod
    def found_by(cls, user_id: int | None, row: dict[str, Any]) -> Self:
        """With the conversation's title as this person sees it."""
        conversation = row | {"kind": row["conversation_kind"], "created_by_id": row["creator_id"]}
        return cls.of(row, conversation=FoundIn(id=row["conversation_id"], title=title_for(user_id, conversation)))


@searching.get("/search/")
def search_messages(
    request: Call, filters: Query[MessageSearchQuery], wanted: Query[PageQuery]
) -> ResultsPage[FoundMessage]:
    """Una página de los mensajes que llevan todas las palabras, el más nuevo primero. Needs `messaging.use`.

    Busca en las conversaciones en las que participa quien llama, y en ninguna otra. No distingue mayúsculas ni acentos.
    """
    found = messages.find(request.actor, filters.filters(), wanted.window())
    return ResultsPage[FoundMessage].of_page(
        request, found, shaped=lambda row: FoundMessage.found_by(request.actor.user_id, row)
    )
