"""One id per request, in its answer, its log lines and its ledger entries."""

import logging
import re
from contextvars import ContextVar
from uuid import uuid4

HEADER = "X-Request-ID"
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")
current: ContextVar[str] = ContextVar("request_id", default="")


class RequestIdMiddleware:
    """Take the caller's `X-Request-ID` when it is a plain word of at most 64 characters, else make one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get(HEADER, "")
        token = current.set(given if ACCEPTED.fullmatch(given) else uuid4().hex)
        try:
            response = self.get_response(request)
            response[HEADER] = current.get()
            return response
        finally:
            current.reset(token)


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current.get() or "-"
        return True
