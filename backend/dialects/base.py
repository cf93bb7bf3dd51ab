"""What every dialect has: its operations, who may call them, and one way from a result or an error to an answer."""

import inspect
import logging
from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

import pydantic_core
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import ValidationErrorContext
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from backend.core import errors
from backend.core.actor import Actor
from backend.core.errors import DomainError, Fault
from backend.dialects.problem import JsonParser, as_domain_error, fault, status
from backend.dialects.wire import Wire

if TYPE_CHECKING:
    from backend.dialects.resource import Resource

logger = logging.getLogger(__name__)
Authenticator = Callable[[str], Actor]


class Dialect:
    """One published contract: how its pages and errors look, and the operations that were published in it.

    A subclass says how an error looks (`problem`) and has a sentence for every code (`words`, with the error's facts
    as placeholders). `owns` are the beginnings of the paths whose unknown ones are answered in this dialect;
    `documented_at` are further addresses of its documentation, each with its kind: openapi, swagger or redoc. A path
    that lacks its `trailing_slash` is sent on to where it has one, and where a dialect `drops_slash` the other way.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    mount: ClassVar[str]
    owns: ClassVar[tuple[str, ...]]
    documented_at: ClassVar[Mapping[str, str]] = {}
    trailing_slash: ClassVar[bool] = True
    drops_slash: ClassVar[bool] = False
    challenge: ClassVar[str] = 'Bearer realm="api"'  # what a 401 asks for
    language: ClassVar[str] = "en"  # of Django's own sentences
    words: ClassVar[Mapping[str, str]]
    documented_problems: ClassVar[Mapping[int, Any]]
    credentials: ClassVar[type["Credentials"]]
    refused_debts: ClassVar[frozenset[str]] = frozenset({errors.SECOND_FACTOR})
    authenticate: Authenticator  # given when the dialect is published

    def __init__(self) -> None:
        self.api = DialectApi(self)
        self.spelling: dict[str, str] = {}  # the domain's names of fields in this dialect's, from its operations

    def problem(self, error: DomainError, status: int) -> Any:
        """The body of an error."""
        raise NotImplementedError

    def status(self, error: DomainError) -> int:
        """The status of an error."""
        return status(error)

    def say(self, code: str, facts: Mapping[str, Any]) -> str:
        """The dialect's sentence for a code."""
        return self.words[code].format_map(facts)

    def by_field(self, faults: list[Fault], *, whole: str) -> dict[str, list[str]]:
        """The sentences about a malformed request by the field's path; `whole` stands for the body itself."""
        found: dict[str, list[str]] = {}
        for each in faults:
            path = ".".join(str(part) for part in each.location[1:]) or whole
            found.setdefault(path, []).append(self.say(each.code, each.facts))
        return found

    def publish(self, *resources: "Resource", authenticate: Authenticator) -> "Dialect":
        """Mount the resources; `authenticate` turns the bearer token of a request into its actor."""
        self.authenticate = authenticate
        for resource in resources:
            self.api.add_router(resource.prefix, resource.router)
        registry.append(self)
        return self

    def caller(self, request: HttpRequest) -> Actor | None:
        """Who calls a public operation, if they say so. Credentials that do not hold are refused there too."""
        return Credentials(self)(request)

    def answer(self, result: Any, status: int) -> HttpResponseBase:
        """A handler's result as bytes, serialised once."""
        if isinstance(result, HttpResponseBase):
            return result
        headers = result.headers() if isinstance(result, Headed) else {}
        if isinstance(result, Wire):
            status = result.http_status() or status
        body = b"" if result is None else pydantic_core.to_json(result, by_alias=True)
        return HttpResponse(body, status=status, content_type="application/json", headers=headers)

    def refuse(self, raised: Exception, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """The answer to a request that failed. What nobody expected is logged and tells the caller nothing."""
        error = as_domain_error(raised)
        status = self.status(error)
        if isinstance(error, errors.ServerError):
            logger.error("Unexpected %s", type(raised).__name__, exc_info=raised)
        elif isinstance(error, errors.Unavailable):
            logger.error("%s does not answer: %s", error.facts.get("dependency"), raised)
        extra = {"WWW-Authenticate": self.challenge} if status == HTTPStatus.UNAUTHORIZED else {}
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            extra["Retry-After"] = "5"
        if isinstance(error, errors.TooManyAttempts):
            extra["Retry-After"] = str(error.facts["seconds"])
        body = pydantic_core.to_json(self.problem(error, status), fallback=str)
        return HttpResponse(body, status=status, content_type="application/json", headers={**extra, **(headers or {})})


@runtime_checkable
class Headed(Protocol):
    """A result that says headers of its answer."""

    def headers(self) -> dict[str, str]: ...


registry: list[Dialect] = []


def owner(path: str) -> Dialect | None:
    """The dialect that answers for a path: of those that own a beginning of it, the one with the longest."""
    claims = [
        (len(start), -index) for index, each in enumerate(registry) for start in each.owns if path.startswith(start)
    ]
    return registry[-max(claims)[1]] if claims else None


class Credentials(HttpBearer):
    """An access token of any dialect, or an API key, as `Authorization: Bearer <token>`; a key also as `X-API-Key`.

    A caller who still owes something is refused, `despite` being what this operation does not ask for.
    """

    def __init__(self, dialect: Dialect, *, despite: Collection[str] = ()) -> None:
        super().__init__()
        self.dialect = dialect
        self.refused_debts = dialect.refused_debts - frozenset(despite)

    def __call__(self, request: HttpRequest) -> Any:
        key = request.headers.get("X-API-Key")
        return self.authenticate(request, key) if key else super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor. An empty token is none: clients with a variable for it send `Bearer ` until they have one."""
        if not token:
            return None
        actor = self.dialect.authenticate(token)
        for debt in actor.owes & self.refused_debts:
            raise errors.DEBTS[debt]
        request.actor = actor  # type: ignore[attr-defined]
        return actor


Dialect.credentials = Credentials


class DialectApi(NinjaAPI):
    """The dialect's ninja: its errors are ours, its documentation pages stand in `documentation.py`."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        super().__init__(
            title=dialect.title,
            description=inspect.cleandoc(dialect.summary),
            urls_namespace=dialect.name,
            openapi_url=None,
            docs_url=None,
            parser=JsonParser(),
            auth=dialect.credentials(dialect),
        )
        self.add_exception_handler(Exception, self._refuse)

    def _refuse(self, request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        return self.dialect.refuse(error if isinstance(error, Exception) else error())

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """ninja's, but with a parameter's examples in its schema: beside it, OpenAPI has none in a list."""
        document = super().get_openapi_schema(**options)
        for methods in document["paths"].values():
            for operation in methods.values():
                for parameter in operation.get("parameters", ()):
                    if examples := parameter.pop("examples", None):
                        parameter["schema"]["examples"] = examples
        return document

    def set_default_exception_handlers(self) -> None:
        """None of ninja's own: every exception goes the dialect's way."""

    def validation_error_from_error_contexts(self, error_contexts: list[ValidationErrorContext]) -> Exception:  # type: ignore[override]
        faults = [each for context in error_contexts for each in _faults(context)]
        if any(each.location[0] == "path" for each in faults):
            return errors.NotFound()
        return errors.Malformed(faults)


def _faults(context: ValidationErrorContext) -> list[Fault]:
    """pydantic's errors about one part of the request. A body that is not there lacks each required field."""
    source = context.model.__ninja_param_source__
    names = context.model.__ninja_flatten_map_reverse__
    found: list[Fault] = []
    for raw in context.pydantic_validation_error.errors(include_url=False):
        path = raw["loc"]
        if source != "body":
            found.append(fault(raw, source, names.get(path, path)))
        elif len(path) == 1 and raw["type"] == "missing":
            found.extend(_missing_fields(context.model.model_fields[str(path[0])].annotation))
        else:
            found.append(fault(raw, source, path[1:]))
    return found


def _missing_fields(body: Any) -> list[Fault]:
    return [
        Fault(("body", field.alias or name), "required", {})
        for name, field in body.model_fields.items()
        if field.is_required()
    ]
