"""The REST application as a production server runs it, with the metrics at an address of their own, not counted."""

import os

from backend.wsgi import application as crisol


def application(environ, start_response):
    if environ["PATH_INFO"] != "/scrape":
        return crisol(environ, lambda status, headers, *rest: start_response(status, [*headers, me()], *rest))
    from backend.monitoring.metrics import exposition

    text, content_type = exposition()
    start_response("200 OK", [("Content-Type", content_type), me()])
    return [text]


def me() -> tuple[str, str]:
    return "X-Process", str(os.getpid())
