"""What may be tried only so often, per account and per address: the attempts are counted in redis.

An attempt is counted before it is made and given back when it succeeds: so a thousand at once get no more tries than a
thousand in a row. A window begins with its first attempt and lasts `THROTTLE_SECONDS`. That is one number per key,
and the time to wait is exact; at its worst it lets through twice the limit within any such time. An attempt that is
refused counts nowhere, so going on trying shuts nobody out for longer.

While redis does not answer everything is let through: a login matters more than a count. That costs one attempt in five
seconds a second, and the log one warning.

Own code, because what libraries such as `limits` offer counts one key at a time and gives nothing back.
"""

import logging
import math
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import redis
from django.conf import settings
from django.utils.crypto import salted_hmac
from redis.backoff import NoBackoff
from redis.retry import Retry

from backend.core import addresses, folding
from backend.core.addresses import Address
from backend.core.errors import TooManyAttempts

PREFIX = "crisol:throttle:"
PATIENCE = 1.0  # seconds that redis may take to answer
QUIET = 5.0  # seconds in which nobody asks a redis again that has just not answered

# KEYS are counters, ARGV their limits (0: none) and the window in milliseconds. Answers how long to wait, 0 if counted.
TAKE = """
local wait = 0
for place, key in ipairs(KEYS) do
    local limit = tonumber(ARGV[place])
    if limit > 0 and tonumber(redis.call('GET', key) or 0) >= limit then
        wait = math.max(wait, redis.call('PTTL', key))
    end
end
if wait > 0 then return wait end
for place, key in ipairs(KEYS) do
    if tonumber(ARGV[place]) > 0 and redis.call('INCR', key) == 1 then
        redis.call('PEXPIRE', key, ARGV[#KEYS + 1])
    end
end
return 0
"""
# The account begins anew; the address gets back this one attempt, unless its window has ended meanwhile.
GIVE_BACK = """
if tonumber(redis.call('GET', KEYS[2]) or 0) > 0 then redis.call('DECR', KEYS[2]) end
return redis.call('DEL', KEYS[1])
"""
FORGET = "return redis.call('DEL', unpack(KEYS))"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One that is counted, as a failure until `succeeded` is called. One that nobody gives back counts in any case."""

    keys: list[str]

    def succeeded(self) -> None:
        """Forget the account's failures, and take this attempt back from the address."""
        if self.keys:
            _run(GIVE_BACK, self.keys)


class Limits(NamedTuple):
    """How many attempts there may be within a window; 0: any number."""

    per_account: int
    per_address: int


def attempt(kind: str, account: str = "", *, within: Limits | None = None) -> Attempt:
    """Count an attempt for the account and the caller's address, or raise `TooManyAttempts`.

    Each `kind` counts for itself, up to the limits of the settings unless it has its own. The account is what the
    caller names, in any case, whether or not it exists; without one the address alone counts.
    """
    per_account, per_address = within or _limits()
    address = addresses.caller()
    keys = [account_key(kind, account), address_key(kind, address) if address else _key(kind, "address", "")]
    limits = [per_account if account else 0, per_address if address else 0]
    if not any(limits):
        return Attempt([])
    if wait := _counters(settings.REDIS_URL).run(TAKE, keys, *limits, settings.THROTTLE_SECONDS * 1000):
        raise TooManyAttempts(seconds=math.ceil(wait / 1000))
    return Attempt(keys)


def forget(*keys: str) -> int | None:
    """Drop counters; answers how many there were, None if redis does not answer."""
    return _run(FORGET, list(keys))


def account_key(kind: str, account: str) -> str:
    return _key(kind, "account", folding.key(account))


def address_key(kind: str, address: Address) -> str:
    return _key(kind, "address", addresses.group(address))


def _key(kind: str, of: str, text: str) -> str:
    """Keyed, because redis is no place for e-mail addresses, and a plain hash is guessed from a list of them."""
    digest = salted_hmac("throttling", text.encode(errors="surrogatepass"), algorithm="sha256").hexdigest()
    return f"{PREFIX}{kind}:{of}:{digest[:32]}"


def _limits() -> Limits:
    return Limits(settings.THROTTLE_PER_ACCOUNT, settings.THROTTLE_PER_ADDRESS)


def _run(script: str, keys: list[str]) -> int | None:
    return _counters(settings.REDIS_URL).run(script, keys) if any(_limits()) else 0


class Counters:
    """The counters in one redis."""

    def __init__(self, url: str) -> None:
        patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
        client = redis.Redis.from_url(url, **patience)
        self._scripts = {script: client.register_script(script) for script in (TAKE, GIVE_BACK, FORGET)}
        self._silent_until = 0.0
        self._is_down = False

    def run(self, script: str, keys: list[str], *arguments: int) -> int | None:
        """What the script answers; None while redis does not."""
        if time.monotonic() < self._silent_until:
            return None
        try:
            answer = int(self._scripts[script](keys=keys, args=arguments))
        except redis.RedisError as problem:
            self._silent_until = time.monotonic() + QUIET
            if not self._is_down:
                logger.warning("redis does not answer, so nothing is throttled: %s", problem)
            self._is_down = True
            return None
        if self._is_down:
            logger.info("redis answers again, so attempts are counted")
        self._is_down = False
        return answer


@lru_cache(maxsize=4)
def _counters(url: str) -> Counters:
    return Counters(url)
