"""Which pages may open a socket: a browser asks nobody before it connects, it only says where the page is from."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def is_welcome(scope: Mapping[str, Any]) -> bool:
    """Whether a page of this origin may connect, and to a server of this name (ALLOWED_HOSTS).

    What is no browser sends no origin, and may. A page may that is the server's own, by the name that it was asked
    for or by PUBLIC_URL, and one that may call the API (CORS_ALLOWED_ORIGINS).
    """
    headers = {name: value.decode("latin1") for name, value in scope["headers"]}
    host = headers.get(b"host", "").lower()
    domain, _ = split_domain_port(host)
    if not (domain and validate_host(domain, settings.ALLOWED_HOSTS)):
        return False
    origin = headers.get(b"origin")
    return origin is None or origin.partition("://")[2].lower() == host or _is_known(origin)


def _is_known(origin: str) -> bool:
    public = urlsplit(settings.PUBLIC_URL)
    return (
        settings.CORS_ALLOW_ALL_ORIGINS
        or origin in {f"{public.scheme}://{public.netloc}", *settings.CORS_ALLOWED_ORIGINS}
        or any(re.match(pattern, origin) for pattern in settings.CORS_ALLOWED_ORIGIN_REGEXES)
    )
