"""The onboarding dialect: pages and errors as Django REST framework sends them."""

from typing import Any, Generic, TypeVar

from django.http import HttpRequest
from pydantic import Field, RootModel

from backend.core import errors, listing
from backend.core.errors import DomainError
from backend.dialects import pages
from backend.dialects.base import Dialect
from backend.dialects.wire import Wire

PAGE_SIZE = 20
Row = TypeVar("Row", bound=Wire)


class Page(Wire, Generic[Row]):
    """One page of a list. `next` and `previous` are addresses, or null at the ends."""

    count: int = Field(examples=[100])
    next: str | None = Field(examples=["http://localhost:8000/api/clients/?page=2"])
    previous: str | None = Field(examples=[None])
    results: list[Row]
    count_is_exact: bool = Field(default=True, exclude=True)

    def headers(self) -> dict[str, str]:
        return {} if self.count_is_exact else {"X-Count-Exact": "false"}


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

    # The domain's names of fields where this dialect has another.
    fields = {
        "assigned_to_id": "assigned_to",
        "contact_id": "client",
        "company_name": "company",
        "kind": "interaction_type",
    }
    words = {
        # what is wrong with a field
        "required": "This field is required.",
        "null": "This field may not be null.",
        "blank": "This field may not be blank.",
        "not_text": "Not a valid string.",
        "null_character": "Null characters are not allowed.",
        "too_long": "Ensure this field has no more than {limit} characters.",
        "too_small": "Ensure this value is greater than or equal to {limit}.",
        "too_large": "Ensure this value is less than or equal to {limit}.",
        "not_integer": "A valid integer is required.",
        "not_decimal": "A valid number is required.",
        "too_many_digits": "Ensure there are no more than 12 digits before and 2 after the decimal point.",
        "not_date": "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.",
        "not_datetime": "Datetime has wrong format. Use ISO 8601.",
        "not_url": "Enter a valid URL.",
        "passwords_differ": "The two passwords do not match.",
        "not_email": "Enter a valid email address.",
        "choice": '"{value}" is not a valid choice.',
        "unknown_field": "This field is not known.",
        "not_object": "Invalid data. Expected a dictionary.",
        # whole requests
        "not_authenticated": "Authentication credentials were not provided.",
        "wrong_credentials": "No active account found with the given credentials",
        "invalid_token": "Token is invalid or expired",
        "second_factor_owed": "A second factor is required.",
        "permission_denied": "You do not have permission to perform this action.",
        "not_found": "Not found.",
        "page_not_found": "Invalid page.",
        "method_not_allowed": 'Method "{method}" not allowed.',
        "malformed": "Invalid input.",
        "broken_json": "JSON parse error - {reason}",
        "unsupported_media_type": 'Unsupported media type "{media_type}" in request.',
        "too_large_body": "The request is too large.",
        "stale": "The record has changed since it was read.",
        "idempotency_still_running": "A request with this Idempotency-Key is still running.",
        "idempotency_key_reused": "This Idempotency-Key was used for another request.",
        "unavailable": "The {dependency} does not answer; try again.",
        "server_error": "A server error occurred.",
        # rules
        "invalid": "Invalid value.",
        "conflict": "This contradicts what is stored.",
        "rule_violated": "This is not allowed.",
        "email_taken": "client with this email already exists.",
        "company_name_taken": "company with this name already exists.",
        "unknown_user": 'Invalid pk "{id}" - object does not exist.',
        "company_has_dependants": "The company has {contacts} contacts and {opportunities} opportunities.",
        "contact_has_open_opportunities": "The client has {opportunities} open opportunities.",
        "unknown_opportunity": 'Invalid pk "{id}" - object does not exist.',
        "activity_not_pending": "This activity is not pending any more.",
        "unknown_stage": '"{value}" is not a valid choice.',
        "contradictory_outcome": "State, outcome and stage contradict each other.",
        "period_reversed": "The period ends before it begins.",
        "too_many_buckets": "The period has more than {limit} days, weeks or months.",
        "account_disabled": "No active account found with the given credentials",
        "registration_closed": "Registration is by invitation only.",
        "weak_password": "{reasons}",
        "unknown_contact": 'Invalid pk "{id}" - object does not exist.',
        "username_taken": "user with this username already exists.",
        "user_email_taken": "user with this email already exists.",
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
            return {self.fields.get(error.field, error.field): [self.say(error.code, error.facts)]}
        return {"detail": self.say(error.code, error.facts)}


def page_of(request: HttpRequest, page: listing.Page, shape: type[Row]) -> Page[Row]:
    """The page as it is sent, with the addresses of its neighbours."""
    next_, previous = pages.neighbours(request, page)
    return Page[shape](  # type: ignore[valid-type]
        count=page.count.rows,
        next=next_,
        previous=previous,
        results=[shape.of(row) for row in page.rows],
        count_is_exact=page.count.exact,
    )


onboarding = Onboarding()
