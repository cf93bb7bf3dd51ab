"""Crisol's own dialect, for what no published contract has: exports as jobs, outgoing mail."""

from typing import Any

from pydantic import Field

from backend.core import errors
from backend.core.errors import DomainError
from backend.dialects.base import Dialect
from backend.dialects.wire import Wire
from backend.dialects.words import english


class ProblemDetail(Wire):
    code: str = Field(examples=["not_found"])
    message: str = Field(examples=["Not found."])
    details: dict[str, list[str]] = Field(examples=[{"source": ["This field is required."]}])


class Problem(Wire):
    """Any error. `details` has the reasons by field where the error is about fields."""

    error: ProblemDetail


class Crisol(Dialect):
    name = "crisol"
    title = "Crisol: exports, reports by mail, notifications"
    summary = """
        Exports of lists, written by the worker; outgoing mail and sending it again; what people are told of, and how.

        Log in through any dialect and send the token as `Authorization: Bearer <token>`, or send an API key. Lists come
        in pages of 20 (`page`, `page_size` up to 100). An error carries `error` with `code`, `message` and `details` by
        field. Every call that changes something takes an `Idempotency-Key`.
    """
    mount = "api/"
    owns = ("/api/exports/", "/api/emails/", "/api/notifications/", "/api/scheduled-reports/")
    documented_problems = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem}
    words = english.WORDS

    def problem(self, error: DomainError, status: int) -> Any:
        sentence = self.say(error.code, error.facts)
        details = {error.field: [sentence]} if error.field else {}
        if isinstance(error, errors.Malformed):
            details = self.by_field(error.faults, whole="body")
        return {"error": {"code": error.code, "message": sentence, "details": details}}


crisol = Crisol()
