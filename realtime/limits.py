"""How much a client may send."""

import time

from backend.core.errors import TooManyAttempts

PER_SECOND = 20.0  # frames
AT_ONCE = 60.0  # frames that may come in one go after a silence
TYPING_HOLDS = 2.0  # seconds
REFUSED_AT_MOST = 60  # frames that are answered with an error before the socket is closed


class Typing:
    """What a client has said of its person's typing: the same again, soon after, is not passed on."""

    def __init__(self) -> None:
        self._said: dict[int, tuple[bool, float]] = {}

    def is_news(self, conversation_id: int, is_typing: bool) -> bool:
        now = time.monotonic()
        self._said = {key: said for key, said in self._said.items() if now - said[1] < TYPING_HOLDS}
        known = self._said.get(conversation_id)
        if known is not None and known[0] is is_typing:
            return False
        self._said[conversation_id] = is_typing, now
        return True


class Allowance:
    """Frames that may be sent now: it fills up with time, and every frame takes one."""

    def __init__(self) -> None:
        self._left, self._counted_at = AT_ONCE, time.monotonic()
        self._refused = 0

    def spend(self) -> bool:
        """Whether there was one left."""
        now = time.monotonic()
        self._left = min(AT_ONCE, self._left + (now - self._counted_at) * PER_SECOND)
        self._counted_at = now
        if self._left == AT_ONCE:
            self._refused = 0
        if self._left < 1:
            self._refused += 1
            return False
        self._left -= 1
        return True

    @property
    def is_used_up(self) -> bool:
        """Whether the client went on although it was told."""
        return self._refused > REFUSED_AT_MOST

    def refusal(self) -> TooManyAttempts:
        return TooManyAttempts(seconds=1)
