"""Asking the database from the event loop."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
R = TypeVar("R")
# Few: the requests that this process answers need connections to the database too.
_threads = ThreadPoolExecutor(4, thread_name_prefix="socket")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What the function answers, which may ask the database."""
    return await database_sync_to_async(function, thread_sensitive=False, executor=_threads)(*args, **kwargs)
