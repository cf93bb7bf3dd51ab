"""Quién está (urbany.md, "MENSAJERÍA", 8 a 10)."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import Incoming, OrEmpty, Partial, Text, Vocabulary, Wire
from backend.modules.messaging import presence as rules
from backend.modules.messaging.actions import presence as actions
from backend.modules.messaging.queries import presence as queries

presence = Resource(urbany, "/mensajes", tag="Mensajería")

Status = Annotated[str, Vocabulary({status.value: status for status in rules.Status})]


class StatusIn(Incoming):
    read_only = frozenset({"user", "last_seen", "updated_at"})

    status: Status = Field(examples=["busy"])
    custom_message: OrEmpty[Annotated[Text, StringConstraints(max_length=200)]] = Field(
        examples=["En reunión hasta las 18:00"]
    )


class UserStatus(Wire):
    email: str = Field(alias="user", examples=["admin@urbany.com"])
    status: Status = Field(examples=["online"])
    last_seen: datetime | None = Field(description="Cuándo se supo de esta persona; null: nunca")
    custom_message: str = Field(examples=["Disponible para consultas"])


class ChosenStatus(UserStatus):
    chosen_at: datetime = Field(alias="updated_at")


class OnlineUser(Wire):
    email: str = Field(alias="user", examples=["maria@urbany.com"])
    name: str = Field(examples=["María García"])
    status: Status = Field(examples=["away"])
    last_seen: datetime
    custom_message: str = Field(examples=["Regreso en 15 min"])


class OnlineUsers(Wire):
    count: int = Field(examples=[3])
    users: list[OnlineUser]


@presence.get("/status/")
def user_status(request: Call) -> UserStatus:
    """Cómo ven los demás a quien llama. Needs `messaging.use`.

    Sin ninguna conexión a `/ws/` es `offline`; tras cinco minutos sin hacer nada, `online` es `away`. `busy` y
    `custom_message` se conservan hasta que se elige otra cosa.
    """
    return UserStatus.of_object(queries.own(request.actor))


@presence.post("/status/", status=200)
def update_user_status(request: Call, chosen: Partial[StatusIn]) -> ChosenStatus:
    """Elige cómo ven los demás a quien llama mientras está; se cambia lo que se envía. Needs `messaging.use`.

    `offline` oculta a quien está, con su `last_seen` de ese momento. A quien no tiene ninguna conexión a `/ws/`, la
    llamada le vale como una durante 45 segundos.
    """
    actions.choose(request.actor, **chosen.given(), is_call=True)
    return ChosenStatus.of_object(queries.own(request.actor))


@presence.get("/online-users/")
def online_users(request: Call) -> OnlineUsers:
    """Los demás del espacio que no están `offline`, por nombre. Needs `messaging.use`."""
    found = queries.others_online(request.actor)
    return OnlineUsers(count=len(found), users=[OnlineUser.of_object(each) for each in found])
