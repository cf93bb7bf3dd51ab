"""The onboarding dialect: pages and errors as Django REST framework sends them."""

from typing import Any

from pydantic import Field, RootModel

from backend.core import errors
from backend.core.errors import DomainError
from backend.dialects.base import Dialect
from backend.dialects.wire import Wire
from backend.dialects.words import english


class Detail(Wire):
    """Any error but a validation error."""

    detail: str = Field(examples=["Not found."])


class ValidationErrors(RootModel[dict[str, list[str]]]):
    """What is wrong, by field."""

    model_config = {"json_schema_extra": {"example": {"email": ["Enter a valid email address."]}}}


class Onboarding(Dialect):
    name = "onboarding"
    title = "Crisol: onboarding"
    summary = """
        Clients by stage, interactions, statistics.

        Log in at `POST /api/token/` and send the access token as `Authorization: Bearer <token>`. Lists come in pages
        of 20 (`page`, `page_size` up to 100); a page past the end is a 404. Validation errors are a 400 with a list of
        sentences by field, all other errors carry `detail`. Every call that changes something takes an
        `Idempotency-Key`; what a detail's `ETag` says can be sent back as `If-Match`.
    """
    mount = "api/"
    owns = ("/api/",)
    documented_problems = {400: ValidationErrors | Detail, 401: Detail, 403: Detail, 404: Detail}

    words = english.WORDS | {
        "not_object": "Invalid data. Expected a dictionary.",
        "wrong_credentials": "No active account found with the given credentials",
        "too_many_attempts": "Request was throttled. Expected available in {seconds} seconds.",
        "account_disabled": "No active account found with the given credentials",
        "email_taken": "client with this email already exists.",
        "company_name_taken": "company with this name already exists.",
        "username_taken": "user with this username already exists.",
        "user_email_taken": "user with this email already exists.",
        "contact_has_open_opportunities": "Still open with the client: opportunities {opportunities}.",
        "unknown_user": 'Invalid pk "{id}" - object does not exist.',
        "unknown_contact": 'Invalid pk "{id}" - object does not exist.',
        "unknown_opportunity": 'Invalid pk "{id}" - object does not exist.',
        "unknown_stage": '"{value}" is not a valid choice.',
    }

    def status(self, error: DomainError) -> int:
        """What is about a field is a validation error, a value that is taken as well; a login says no more than no."""
        if error.code == "account_disabled":
            return 401
        return 400 if error.field else super().status(error)

    def problem(self, error: DomainError, status: int) -> Any:
        if isinstance(error, errors.Malformed):
            return self.by_field(error.faults, whole="non_field_errors")
        if error.field:
            return {error.field: [self.say(error.code, error.facts)]}
        return {"detail": self.say(error.code, error.facts)}


onboarding = Onboarding()
