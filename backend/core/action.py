"""An action: one use case that writes.

    @action("contact.create", needs="contacts.add")
    def create(actor: Actor, *, first_name: str, …) -> Contact: …

The decorator checks the permission, opens one short transaction, hands what the function changed to the ledger within
it, and publishes it after the commit. An action called by an action joins its transaction and is recorded under its
own name.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.db import transaction

from backend.core import recording, tally
from backend.core.actor import Actor
from backend.core.recording import Change, Recording

P = ParamSpec("P")
R = TypeVar("R")
Reader = Callable[[Actor, str, list[Change]], None]

logger = logging.getLogger(__name__)
_recorders: list[Reader] = []
_subscribers: list[Reader] = []


def record_with(recorder: Reader) -> None:
    """Have every action's changes handed to `recorder` inside its transaction, which ends if it raises."""
    _recorders.append(recorder)


def subscribe(subscriber: Reader) -> None:
    """Have every action's changes handed to `subscriber` after the commit, and never for one that was rolled back.

    What a subscriber raises is logged: the change stands.
    """
    _subscribers.append(subscriber)


def action(name: str, *, needs: str | None = None) -> Callable[
    [Callable[Concatenate[Actor, P], R]], Callable[Concatenate[Actor, P], R]
]:  # fmt: skip
    """Make a function an action called `name`, for actors who hold the permission `needs`.

    Without `needs` the function decides itself who may (one's own password, accepting an invitation).
    """

    def decorate(function: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
        @wraps(function)
        def act(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if needs is not None:
                actor.require(needs)
            running = Recording(name)
            token = recording.current.set(running)
            try:
                with transaction.atomic():
                    result = function(actor, *args, **kwargs)
                    if running.changes or running.addends:
                        _settle(actor, running)
                    return result
            finally:
                recording.current.reset(token)

        act.action_name = name  # type: ignore[attr-defined]
        act.needs = needs  # type: ignore[attr-defined]
        return act

    return decorate


def _settle(actor: Actor, running: Recording) -> None:
    tally.count(running.addends)
    for recorder in _recorders:
        recorder(actor, running.action, running.changes)
    transaction.on_commit(lambda: _publish(actor, running))


def _publish(actor: Actor, running: Recording) -> None:
    for subscriber in _subscribers:
        try:
            subscriber(actor, running.action, running.changes)
        except Exception:
            logger.exception("A subscriber of %s failed", running.action)
