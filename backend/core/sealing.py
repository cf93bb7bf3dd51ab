"""Secrets that the server has to read again, sealed with its `SECRET_KEY`: a copy of the database alone opens nothing.

What was sealed with a key of before is still read while that key stands in `SECRET_KEY_FALLBACKS`.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """It was sealed with a key that this server does not have any more."""


def seal(text: str) -> str:
    return _sealer().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises `Unreadable`."""
    try:
        return _sealer().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def is_of_now(sealed: str) -> bool:
    """Whether it was sealed with the key of now, and not with one of before."""
    try:
        _fernet(settings.SECRET_KEY).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _sealer() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(key: str) -> Fernet:
    return Fernet(_derived(key))


def _derived(key: str) -> bytes:
    """A key of this purpose alone, so that no other use of the setting says anything about it."""
    return base64.urlsafe_b64encode(hmac.digest(key.encode(), b"crisol sealing", hashlib.sha256))
