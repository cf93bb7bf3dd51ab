"""What the people of the demo data write to each other, and writing it down."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from backend.core.actor import Actor
from backend.core.recording import RecordedModel
from backend.modules.messaging import actions
from backend.modules.messaging.actions import Subject, messages, reading
from backend.modules.messaging.models import Conversation, Message, Participant

READ_AFTER = timedelta(minutes=4)


class Line(NamedTuple):
    """A message: who wrote it how many minutes after the one before, in reply to which, and who thought what of it."""

    by: str
    content: str
    minutes: int
    reply_to: int | None = None
    reactions: tuple[tuple[str, str], ...] = ()


class Chat(NamedTuple):
    """A conversation, opened so many days ago; `read_by` have read all of it."""

    kind: str
    title: str
    by: str
    others: tuple[str, ...]
    days: int
    lines: tuple[Line, ...]
    read_by: tuple[str, ...]
    is_about_contract: bool = False


# The oldest first; none goes on when the next begins.
CHATS = (
    Chat(
        "announcement", "Horario de fin de año", "rosa.mendoza", (), 9,
        (
            Line("rosa.mendoza", "La oficina cierra el 24 y el 31 a la una. Avisen a sus clientes con tiempo.", 0,
                 reactions=(("test", "like"), ("carlos.huaman", "love"), ("mariana.torres", "like"))),
            Line("admin", "El sistema queda abierto, como siempre.", 35),
        ),
        ("admin", "test", "rosa.mendoza", "carlos.huaman", "mariana.torres"),
    ),
    Chat(
        "group", "Proyecto Casa Modelo", "admin", ("rosa.mendoza", "test", "diego.castro"), 6,
        (
            Line("admin", "Abro este grupo para coordinar la Casa Modelo. ¿Cómo vamos con los planos?", 0),
            Line("test", "El arquitecto los entrega el jueves.", 12, reply_to=0, reactions=(("admin", "like"),)),
            Line("diego.castro", "Yo llevo las fotos del terreno.", 20),
            Line("rosa.mendoza", "Perfecto. El viernes lo vemos juntos a las 10.", 47,
                 reactions=(("test", "like"), ("diego.castro", "like"))),
        ),
        ("admin", "rosa.mendoza", "test", "diego.castro"),
    ),
    Chat(
        "direct", "", "admin", ("rosa.mendoza",), 3,
        (
            Line("admin", "¿Ya firmó el cliente?", 0),
            Line("rosa.mendoza", "Sí, ayer. Falta la carta de su banco.", 8, reactions=(("admin", "wow"),)),
            Line("admin", "Gracias. La pido hoy.", 11, reply_to=1),
        ),
        ("admin", "rosa.mendoza"),
        is_about_contract=True,
    ),
    Chat(
        "support", "", "test", (), 2,
        (
            Line("test", "No encuentro cómo exportar mis oportunidades a Excel.", 0),
            Line("admin", "En el listado, «Exportar»; el enlace le llega también por correo.", 15, reply_to=0),
            Line("test", "Funciona, gracias.", 21, reactions=(("admin", "like"),)),
        ),
        ("admin", "test"),
    ),
    Chat(
        "direct", "", "test", ("admin",), 1,
        (
            Line("test", "¿Podemos revisar el contrato mañana?", 0),
            Line("test", "A las 10 estoy libre.", 3),
        ),
        ("test",),
    ),
)  # fmt: skip


def write(
    actors: Mapping[str, Actor], today: datetime, *, contract_id: int
) -> Iterator[tuple[RecordedModel, tuple[datetime, datetime]]]:
    """Write all of it; answers what was written with when it began and when it was changed or read last."""
    for chat in CHATS:
        by, opened_at = actors[chat.by], today - timedelta(days=chat.days) + timedelta(hours=10)
        opened = actions.create(
            by,
            kind=chat.kind,
            title=chat.title,
            participant_ids=[actors[name].require_user() for name in chat.others],
            subject=Subject("contract", contract_id) if chat.is_about_contract else None,
        )
        sent = _say(actors, opened.conversation_id, chat)
        for name in chat.read_by:
            reading.mark_read(actors[name], opened.conversation_id)
        last = opened_at + timedelta(minutes=chat.lines[-1].minutes)
        yield Conversation.objects.of(by).get(pk=opened.conversation_id), (opened_at, last)
        for participant in Participant.objects.of(by).filter(conversation=opened.conversation_id):
            yield participant, (opened_at, last)
        for message_id, line in zip(sent, chat.lines, strict=True):
            moment = opened_at + timedelta(minutes=line.minutes)
            yield Message.objects.of(by).get(pk=message_id), (moment, moment + READ_AFTER)


def _say(actors: Mapping[str, Actor], conversation_id: int, chat: Chat) -> list[int]:
    """The ids of its messages."""
    sent: list[int] = []
    for line in chat.lines:
        reply_to_id = None if line.reply_to is None else sent[line.reply_to]
        made = messages.send(actors[line.by], conversation_id, content=line.content, reply_to_id=reply_to_id)
        sent.append(made.message_id)
        for name, kind in line.reactions:
            messages.react(actors[name], made.message_id, kind=kind)
    return sent
