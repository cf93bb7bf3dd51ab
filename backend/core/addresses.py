"""Where a request comes from: the client's address, also behind proxies that the operator trusts.

A caller may write into `X-Forwarded-For` what they like; only what a trusted proxy has added at its end is true. So it
is read from the right, up to the first address that is no trusted proxy's.
"""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings

Address = IPv4Address | IPv6Address
HOUSEHOLD = 64  # bits of an IPv6 address that a provider hands out as a whole
WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](:\d+)?|(?P<v4>[\d.]+):\d+")

current: ContextVar[Mapping[str, Any] | None] = ContextVar("current_request_meta", default=None)


class AddressMiddleware:
    """Lets `caller()` answer anywhere below. Nothing is parsed until somebody asks."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = current.set(request.META)
        try:
            return self.get_response(request)
        finally:
            current.reset(token)


def caller() -> Address | None:
    """The address of who sent the running request; none outside of one, and where a server does not know it."""
    meta = current.get()
    return None if meta is None else client(meta)


def client(meta: Mapping[str, Any]) -> Address | None:
    """The client's address, from the `META` of a request."""
    seen = parsed(meta.get("REMOTE_ADDR", ""))
    if not _is_trusted(seen):
        return seen
    for entry in reversed(meta.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        named = parsed(_without_port(entry.strip()))
        if named is None:
            break
        seen = named
        if not _is_trusted(named):
            break
    return seen


def group(address: Address) -> str:
    """What counts as one caller: an IPv4 address, or the network of an IPv6 address, within which anybody may roam."""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), HOUSEHOLD), strict=False))
    return str(address)


def parsed(text: str) -> Address | None:
    """The address; none for a caller over a unix socket, whom a server calls what it likes."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_trusted(address: Address | None) -> bool:
    """Whether it is a proxy's. Who calls over a unix socket is one, where there are any."""
    proxies = settings.TRUSTED_PROXIES
    return bool(proxies) and (address is None or any(address in network for network in proxies))


def _without_port(entry: str) -> str:
    found = WITH_PORT.fullmatch(entry)
    return (found["v6"] or found["v4"]) if found else entry
