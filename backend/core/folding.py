"""Text made comparable: for search, for keys that are unique without regard to case, for names."""

import unicodedata


def squash(text: str) -> str:
    """Fold white space: none at the ends, one space between words."""
    return " ".join(text.split())


def key(text: str) -> str:
    """The form under which a name is unique: case, surrounding and repeated white space do not count; accents do."""
    return unicodedata.normalize("NFC", squash(text).casefold())


def fold(text: str) -> str:
    """The form that is searched: neither case nor accents nor repeated white space count (`Ñandú` is `nandu`)."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return squash("".join(char for char in decomposed if not unicodedata.combining(char)))


def split_name(full_name: str) -> tuple[str, str]:
    """First and last name of a full name, split at the first space.

    Joining them again (`join_name`) gives the same text with its white space folded.
    """
    first, _, last = squash(full_name).partition(" ")
    return first, last


def join_name(first_name: str, last_name: str) -> str:
    return squash(f"{first_name} {last_name}")
