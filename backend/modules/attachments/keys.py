"""Names of files in the storage: nobody guesses one, and each says whose it is."""

import re
import secrets

from backend.core.errors import NotFound

SPELLING = re.compile(r"([1-9][0-9]{0,18})/[A-Za-z0-9_-]{32}", re.ASCII)


def new(workspace_id: int | None) -> str:
    """A name that was never given before: the workspace's id, a slash and 192 random bits."""
    return f"{workspace_id}/{secrets.token_urlsafe(24)}"


def workspace_of(key: str) -> int:
    """The workspace whose file it is. Raises `NotFound` for what is no name of a file."""
    spelled = SPELLING.fullmatch(key)
    if spelled is None:
        raise NotFound(record="file")
    return int(spelled[1])
