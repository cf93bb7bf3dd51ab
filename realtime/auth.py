"""Whose socket it is, and whether they may keep it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import Error, InterfaceError

from backend.core.actor import Actor
from backend.core.errors import DomainError
from backend.modules.identity import authentication, queries
from backend.modules.identity.tokens import Claims
from backend.modules.messaging import queries as messaging
from backend.modules.messaging.permissions import USE
from realtime.protocol import Closed, Code
from realtime.threads import for_all, in_thread

BEARER = "bearer."

Verdict = Actor | Code  # who may stay, with the rights that they have now, or why they may not


@dataclass(frozen=True, slots=True)
class Entered:
    """Who came in, with what, and how the others know them."""

    claims: Claims
    actor: Actor
    user: dict[str, Any]


def offered(subprotocols: Iterable[str]) -> str | None:
    """The token among the subprotocols that a client offers."""
    return next((each.removeprefix(BEARER) for each in subprotocols if each.startswith(BEARER)), None)


async def enter(token: str) -> Entered:
    """Raises `Closed` for a token that does not hold, or whose user owes something first."""
    try:
        return await in_thread(_enter, token)
    except DomainError:
        raise Closed(Code.UNAUTHENTICATED) from None
    except (Error, InterfaceError) as problem:
        raise Closed(Code.UNAVAILABLE) from problem


async def check(sessions: Sequence[Claims]) -> list[Verdict]:
    """Of each the actor with the rights that they have now, or why they may no longer be here."""
    return await for_all(_check, sessions)


async def positions(actor: Actor) -> list[dict[str, int]]:
    """How far each conversation of theirs is, as `ready` says it. Raises `Closed` while the database is away."""
    try:
        return await in_thread(_positions, actor)
    except (Error, InterfaceError) as problem:
        raise Closed(Code.UNAVAILABLE) from problem


def _enter(token: str) -> Entered:
    claims = authentication.session(token)
    actor = authentication.member_in(claims)
    me = queries.me(actor)
    name = f"{me.first_name} {me.last_name}".strip()
    return Entered(claims, actor, {"id": me.pk, "username": me.username, "name": name})


def _positions(actor: Actor) -> list[dict[str, int]]:
    found = messaging.positions(actor) if actor.may(USE) else []
    return [{"id": each.conversation_id, "seq": each.seq, "unread": each.unread} for each in found]


def _check(sessions: Sequence[Claims]) -> list[Verdict]:
    verdicts: list[Verdict] = []
    for claims in sessions:
        try:
            verdicts.append(authentication.member_in(claims))
        except DomainError:
            verdicts.append(Code.UNAUTHENTICATED)
        except (Error, InterfaceError):  # the next would wait as long for nothing
            return verdicts + [Code.UNAVAILABLE] * (len(sessions) - len(verdicts))
    return verdicts
