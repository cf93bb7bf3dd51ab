"""The leads dialect: arrays with their total in a header, errors as FastAPI sends them, OAuth2 login by form."""

from collections.abc import Callable, Collection, Iterable
from typing import Annotated, Any, Generic, Self, TypeVar, get_args

from pydantic import Field, PrivateAttr, RootModel
from pydantic_core.core_schema import ErrorType

from backend.core import errors, listing
from backend.core.errors import DomainError, Fault
from backend.dialects.base import Credentials, Dialect
from backend.dialects.wire import LARGEST_ID, Text, Wire
from backend.dialects.words import english

Row = TypeVar("Row")
MOST = 200
# FastAPI shows pydantic's own names of what is wrong; a rule of ours is a `value_error` there, and a choice an `enum`.
TYPES = frozenset(get_args(ErrorType))
OTHER_TYPES = {"required": "missing", "choice": "enum", "too_long": "string_too_long", "too_short": "string_too_short"}


class Problem(Wire):
    """Any error but one of validation."""

    detail: str = Field(examples=["Not found"])


class Fault422(Wire):
    """One thing that is wrong with the request: where, in words, and as a code."""

    loc: list[str | int] = Field(examples=[["body", "phone"]])
    msg: str = Field(examples=["This is not a valid phone number."])
    type: str = Field(examples=["value_error"])


class ValidationProblem(Wire):
    detail: list[Fault422]


class SkipQuery(Wire):
    """Which part of a list: `limit` rows after the first `skip`."""

    skip: Annotated[int, Field(ge=0, le=LARGEST_ID)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50

    def window(self) -> listing.Window:
        return listing.Window(size=self.limit, offset=self.skip)


class OrderedSkipQuery(SkipQuery):
    """The same, and in which order: names with commas between them, each with an optional `-`."""

    ordering: Text | None = Field(None, examples=["-created_at"])

    def window_in(self, names: Iterable[str]) -> listing.Window:
        """Raises `Malformed` for a name that the list does not have."""
        known, terms = set(names), [term.strip() for term in (self.ordering or "").split(",") if term.strip()]
        for term in terms:
            if (word := term.removeprefix("-")) not in known:
                raise errors.Malformed([Fault(("query", "ordering"), "choice", {"value": word})])
        return listing.Window(self.limit, self.skip, ",".join(terms) or None)


class Array(RootModel[list[Row]], Generic[Row]):
    """A part of a list. `X-Total-Count` says how many rows there are in all, `X-Count-Exact: false` that at least."""

    _count: listing.Count = PrivateAttr(default=listing.Count(0))

    @classmethod
    def of_page(cls, found: listing.Page, shape: Callable[[dict[str, Any]], Row]) -> Self:
        made = cls([shape(row) for row in found.rows])
        made._count = found.count
        return made

    def headers(self) -> dict[str, str]:
        exact = {} if self._count.exact else {"X-Count-Exact": "false"}
        return {"X-Total-Count": str(self._count.rows), **exact}


class OAuth2PasswordBearer(Credentials):
    """An access token of any dialect, or an API key. Swagger's Authorize logs in by `POST /auth/login`."""

    openapi_type = "oauth2"
    openapi_flows = {"password": {"tokenUrl": "/auth/login", "scopes": {}}}  # noqa: RUF012 - ninja reads it off the class

    def __init__(self, dialect: Dialect, *, despite: Collection[str] = ()) -> None:
        super().__init__(dialect, despite=despite)
        self.openapi_security_schema.pop("scheme")  # which only HTTP's own schemes have


class Leads(Dialect):
    name = "leads"
    title = "Crisol: leads"
    summary = """
        Clients with a unique phone, leads, the audit log.

        Log in at `POST /auth/login` with a form (`username`, `password`), or with Authorize above, and send the access
        token as `Authorization: Bearer <token>`. Lists are arrays: `skip` and `limit` (50, at most 200) choose a part,
        `X-Total-Count` says how many there are. Errors carry `detail`: a sentence, and for a 422 a list of `loc`, `msg`
        and `type`. Every call that changes something takes an `Idempotency-Key`; the `ETag` of a record can be sent
        back as `If-Match`.
    """
    mount = ""
    owns = ("/auth", "/users", "/clients", "/leads", "/audit-logs")
    trailing_slash = False
    drops_slash = True
    challenge = "Bearer"
    credentials = OAuth2PasswordBearer
    documented_at = {"docs": "swagger", "openapi.json": "openapi"}  # noqa: RUF012
    documented_problems = {401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: ValidationProblem}  # noqa: RUF012

    words = english.WORDS | {
        "not_authenticated": "Not authenticated",
        "wrong_credentials": "Incorrect username or password",
        "invalid_token": "Could not validate credentials",
        "not_found": "Not found",
        "method_not_allowed": "Method Not Allowed",
    }

    def status(self, error: DomainError) -> int:
        """What is about a field is a 422, but for a value that is taken; and so is a body that can't be read."""
        if isinstance(error, errors.Invalid | errors.Malformed | errors.BrokenJson):
            return 422
        return super().status(error)

    def problem(self, error: DomainError, status: int) -> Any:
        if isinstance(error, errors.Malformed):
            return {"detail": [self._fault(each) for each in error.faults]}
        if isinstance(error, errors.BrokenJson):
            return {"detail": [{"loc": ["body"], "msg": self.say(error.code, error.facts), "type": "json_invalid"}]}
        sentence = self.say(error.code, error.facts)
        if status == 422:
            location = ["body", error.field] if error.field else ["body"]
            return {"detail": [{"loc": location, "msg": sentence, "type": "value_error"}]}
        return {"detail": sentence}

    def _fault(self, fault: Fault) -> dict[str, Any]:
        source, *path = fault.location
        kind = fault.facts.get("type", fault.code)
        return {
            "loc": ["body" if source == "form" else source, *path],
            "msg": self.say(fault.code, fault.facts),
            "type": OTHER_TYPES.get(kind) or (kind if kind in TYPES else "value_error"),
        }


leads = Leads()
