"""What a person is shown as. Connections are stored, and whoever reads decides: so no word that gets lost, and no
process that dies without one, leaves anybody shown as what they are not.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices

BEAT = timedelta(seconds=5)  # from one heartbeat of a process to the next
SILENCE = timedelta(seconds=30)  # without a heartbeat, and a process is dead
GRACE = timedelta(seconds=5)  # that a closed connection counts on: a page is loaded anew, a network changes
CALL = timedelta(seconds=45)  # that a choice over REST counts as a connection
IDLE = timedelta(minutes=5)  # in which somebody does nothing, and is away


class Status(TextChoices):
    ONLINE = "online"
    AWAY = "away"
    BUSY = "busy"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Line:
    """What shows that somebody is there: over it they last did something at `active_at`, and it was last known at
    `known_at`. It counts until `ends_at`, which the heartbeat of its process puts off if it `goes_on`.
    """

    active_at: datetime
    known_at: datetime
    ends_at: datetime
    goes_on: bool = False


def of_connection(
    *, opened_at: datetime, active_at: datetime, closed_at: datetime | None, heard_at: datetime | None
) -> Line:
    """The line of a socket, whose process was last heard of at `heard_at`, if it is known at all."""
    if closed_at is not None:
        return Line(active_at, closed_at, closed_at + GRACE)
    heard_at = opened_at if heard_at is None else heard_at
    return Line(active_at, max(heard_at, opened_at, active_at), heard_at + SILENCE, goes_on=True)


def of_call(called_at: datetime) -> Line:
    """The line of somebody who made a choice over REST."""
    return Line(called_at, called_at, called_at + CALL)


def shown(chosen: str, lines: Collection[Line], now: datetime) -> Status:
    """Offline without a line that counts. Else what was chosen; instead of online, away after five idle minutes."""
    counting = [line for line in lines if line.ends_at > now]
    if not counting:
        return Status.OFFLINE
    if chosen == Status.ONLINE and max(line.active_at for line in counting) + IDLE <= now:
        return Status.AWAY
    return Status(chosen)


def last_seen(stored: datetime | None, lines: Collection[Line]) -> datetime | None:
    """When somebody was last known to be there, now or by what was stored before."""
    moments = [line.known_at for line in lines]
    return max(moments if stored is None else [*moments, stored], default=None)


def next_change(chosen: str, lines: Collection[Line], now: datetime) -> datetime | None:
    """When to look again at somebody for whom nothing happens meanwhile; None if not by the clock alone."""
    counting = [line for line in lines if line.ends_at > now]
    moments = [line.ends_at for line in counting if not line.goes_on]
    if counting and chosen == Status.ONLINE:
        moments.append(max(line.active_at for line in counting) + IDLE)
    return min((each for each in moments if each > now), default=None)
