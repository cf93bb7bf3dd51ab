"""Estadísticas de mensajería (urbany.md, "MENSAJERÍA")."""

from pydantic import Field

from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import Wire
from backend.modules.messaging.queries import statistics
from backend.modules.messaging.routers.urbany.shapes import name_of

figures = Resource(urbany, "/mensajes", tag="Mensajería")


class TopContact(Wire):
    email: str = Field(alias="user", examples=["maria@urbany.com"])
    name: str = Field(examples=["María García"])
    message_count: int = Field(examples=[25])


class MessagingStatistics(Wire):
    total: int = Field(alias="total_conversations", examples=[15])
    unread: int = Field(alias="unread_messages", examples=[5])
    sent_today: int = Field(alias="messages_sent_today", examples=[8])
    received_today: int = Field(alias="messages_received_today", examples=[12])
    top_contacts: list[TopContact] = Field(description="Los cinco que más le escribieron en 30 días")
    by_kind: dict[str, int] = Field(
        alias="conversation_types", examples=[{"direct": 4, "group": 3, "support": 4, "announcement": 4}]
    )


@figures.get("/stats/")
def messaging_stats(request: Call) -> MessagingStatistics:
    """Las conversaciones y los mensajes de quien llama. Needs `messaging.use`.

    Hoy es el día del espacio. Los mensajes eliminados no cuentan.
    """
    found = statistics.get(request.actor)
    return MessagingStatistics(
        total=found.total,
        unread=found.unread,
        sent_today=found.sent_today,
        received_today=found.received_today,
        top_contacts=[TopContact.of(each, name=name_of(each)) for each in found.top_contacts],
        by_kind=dict(found.by_kind),
    )
