"""Time-based one-time codes (RFC 6238) and recovery codes: how they are made, shown and compared."""

import hmac
import secrets
import time
from dataclasses import dataclass

import pyotp
import segno
from django.conf import settings
from django.utils.crypto import salted_hmac

from backend.modules.identity.models import SecondFactor, User

ISSUER = "Crisol"
STEP = 30  # seconds
TOLERANCE = 1  # steps that a clock may be off, either way
RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without what looks alike
GROUPS, GROUP_LENGTH = 3, 4  # twelve characters of thirty-one: 59 bits of chance


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator needs, in the three forms that it may take it in."""

    secret: str
    otpauth_uri: str
    qr_code: str  # a PNG as a data URI


def new_secret() -> str:
    return pyotp.random_base32()


def enrolment(user: User, secret: str) -> Enrolment:
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    return Enrolment(secret, uri, segno.make(uri, error="m").png_data_uri(scale=5))


def matching_step(secret: str, code: str) -> int | None:
    """The time step, around now, whose code this is. Authenticators show it with a space in the middle."""
    totp, now = pyotp.TOTP(secret), int(time.time()) // STEP
    typed = "".join(code.split()).encode(errors="surrogatepass")
    steps = range(now - TOLERANCE, now + TOLERANCE + 1)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), typed)), None)


def new_recovery_codes() -> list[str]:
    def group() -> str:
        return "".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH))

    return ["-".join(group() for _ in range(GROUPS)) for _ in range(RECOVERY_CODES)]


def hash_of(recovery_code: str) -> str:
    """Keyed with the server's secret, so that a copy of the database alone gives nothing to guess against."""
    return _hash(recovery_code, settings.SECRET_KEY)


def hashes_of(recovery_code: str) -> set[str]:
    """What may be stored of it: keyed with the server's secret of now, or with one of before that still counts."""
    return {_hash(recovery_code, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)}


def _hash(recovery_code: str, key: str) -> str:
    plain = "".join(character for character in recovery_code.casefold() if character.isalnum())
    typed = plain.encode(errors="surrogatepass")
    return salted_hmac("crisol.recovery-code", typed, secret=key, algorithm="sha256").hexdigest()


def is_owed(user: User) -> bool:
    """Whether the user's logins need a second factor."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()
