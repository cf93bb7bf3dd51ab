"""Asking the database from the event loop."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
R = TypeVar("R")
# Few: the requests that this process answers need connections to the database too.
_of_each = ThreadPoolExecutor(4, thread_name_prefix="socket")
_of_all = ThreadPoolExecutor(3, thread_name_prefix="sockets")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What the function answers, which may ask the database on behalf of one socket."""
    return await database_sync_to_async(function, thread_sensitive=False, executor=_of_each)(*args, **kwargs)


async def for_all(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The same on behalf of all sockets: no client can keep them waiting by what it asks, nor by a lock."""
    return await database_sync_to_async(function, thread_sensitive=False, executor=_of_all)(*args, **kwargs)
