"""Whose socket it is, and whether they may keep it."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.db import Error, InterfaceError

from backend.core.actor import Actor
from backend.core.errors import DomainError
from backend.modules.identity import authentication, queries
from backend.modules.identity.tokens import Claims
from realtime.protocol import Closed, Code

BEARER = "bearer."

P = ParamSpec("P")
R = TypeVar("R")
Verdict = Actor | Code  # who may stay, with the rights that they have now, or why they may not
# Few: the requests that this process answers need connections to the database too.
_threads = ThreadPoolExecutor(4, thread_name_prefix="socket")


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
    return await in_thread(_check, sessions)


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What the function answers, which may ask the database."""
    return await database_sync_to_async(function, thread_sensitive=False, executor=_threads)(*args, **kwargs)


def _enter(token: str) -> Entered:
    claims = authentication.session(token)
    actor = authentication.member_in(claims)
    me = queries.me(actor)
    name = f"{me.first_name} {me.last_name}".strip()
    return Entered(claims, actor, {"id": me.pk, "username": me.username, "name": name})


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
