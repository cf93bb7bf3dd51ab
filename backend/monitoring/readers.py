"""Who may read the metrics: who has `METRICS_TOKEN`, or calls from an address of `METRICS_ALLOW`."""

from hmac import compare_digest

from django.conf import settings
from django.http import HttpRequest

from backend.core import addresses
from backend.core.errors import InvalidToken, PermissionDenied, Unauthenticated

# A proxy adds one of these. Then the address is the proxy's, and says nothing about who reads.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def may_read(request: HttpRequest) -> bool:
    return has_token(request) or has_address(request)


def demand_reader(request: HttpRequest) -> None:
    """Return only to who may read the metrics.

    Raises `Unauthenticated` or `InvalidToken` where a token would help, `PermissionDenied` where none is set.
    """
    if may_read(request):
        return
    if not settings.METRICS_TOKEN:
        raise PermissionDenied(permission="metrics")
    raise InvalidToken() if bearer(request) else Unauthenticated()


def has_token(request: HttpRequest) -> bool:
    expected = settings.METRICS_TOKEN
    return bool(expected) and compare_digest(bearer(request).encode(), expected.encode())


def has_address(request: HttpRequest) -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    address = addresses.parsed(request.META.get("REMOTE_ADDR", ""))
    return address is not None and any(address in network for network in settings.METRICS_ALLOW)


def bearer(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
