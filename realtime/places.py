"""Up to where a socket has been told what happened, in each conversation of its person's."""

from typing import Any

from backend.core.errors import NotFound
from realtime import frames
from realtime.frames import Told
from realtime.outbox import Outbox
from realtime.threads import in_thread


class Missed(Exception):
    """Something happened that was not told."""


class Places:
    """Whatever happens is told once and in order: what was told already is left out, what is missing is looked up."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._user_id = 0
        self._places: dict[int, int] = {}
        self._early: list[str | Told] | None = []  # what is heard before the places are known
        self._replaying: dict[int, int] = {}  # and the last place that was heard of meanwhile

    def begin(self, user_id: int, positions: list[dict[str, Any]]) -> dict[int, int]:
        """Go on from the places that `ready` has said. Answers them."""
        self._user_id = user_id
        self._places = {each["id"]: each["seq"] for each in positions}
        early, self._early = self._early or [], None
        for each in early:
            if isinstance(each, Told):
                self.tell(each)
            else:
                self.pass_on(each)
        return dict(self._places)

    def pass_on(self, text: str) -> None:
        """A frame that has no place. Raises `asyncio.QueueFull`."""
        if self._early is None:
            self._outbox.put(text)
        else:
            self._early.append(text)

    def tell(self, told: Told) -> None:
        """What happened, as far as it was not told yet. Raises `asyncio.QueueFull`, and `Missed` after a hole."""
        key = told.conversation_id
        if self._early is not None:
            self._early.append(told)
        elif key in self._replaying:
            self._replaying[key] = max(self._replaying[key], told.upto)
        else:
            self._tell(told)

    def forget(self, conversation_id: int) -> None:
        self._places.pop(conversation_id, None)

    async def replay(self, workspace_id: int, conversation_id: int, after: int) -> int:
        """Tell everything after a place, while what happens meanwhile waits. Answers up to where was told.

        Raises `NotFound` for a conversation in which its person does not take part.
        """
        place = after
        self._replaying[conversation_id] = 0
        try:
            while True:
                told = await in_thread(frames.since, workspace_id, conversation_id, place)
                if told is None or self._user_id not in told.members:
                    raise NotFound(record="conversation", id=conversation_id)
                for text in told.beyond(place, self._user_id):
                    await self._outbox.put_in_turn(text)
                place = told.upto
                if place >= max(told.head, self._replaying[conversation_id]):
                    break
            self._places[conversation_id] = place
            return place
        finally:
            del self._replaying[conversation_id]

    def _tell(self, told: Told) -> None:
        key = told.conversation_id
        place = self._places.get(key)
        if place is None:
            place = told.conversation_changed_at or told.after
            self._outbox.put(told.of_conversation("conversation.created", self._user_id, place))
        if place < told.after:  # a replay that was broken off left it behind
            raise Missed
        for text in told.beyond(place, self._user_id):
            self._outbox.put(text)
        self._places[key] = max(place, told.upto)
