"""The operations of a dialect: what a router declares, and what each unsafe one takes."""

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, get_args

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Router
from ninja.constants import NOT_SET

from backend.core import errors, idempotency, preconditions
from backend.core.actor import Actor
from backend.dialects.base import Dialect
from backend.dialects.download import PdfFile
from backend.dialects.wire import Wire

Handler = Callable[..., Any]
ENTITY_TAG = re.compile(r'"(\d{1,18})"')
IF_MATCH = "If-Match"
HEADERS = {
    idempotency.HEADER: "Any text of at most 255 characters. The same call sent again with the same key within a day "
    "is answered as before and done once; 409 while the first is still running, 422 if the call is another one.",
    IF_MATCH: "The `ETag` of the record as it was read. 412 with the record as it is now, if it has changed since.",
}


# Answers that are no JSON, by what a handler says it returns.
MEDIA: dict[type, dict[str, Any]] = {
    StreamingHttpResponse: {"text/csv": {"schema": {"type": "string"}}},
    HttpResponse: {"text/plain": {"schema": {"type": "string"}}},
    PdfFile: {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}


class Call(HttpRequest):
    """A request whose caller is known."""

    actor: Actor


class Resource:
    """The operations under one path of a dialect.

    A handler's first argument is the `Call`, its return annotation is the shape of the answer, its docstring the
    documentation. Every unsafe operation takes `Idempotency-Key` and `If-Match`.
    """

    def __init__(self, dialect: Dialect, prefix: str, *, tag: str) -> None:
        self.dialect = dialect
        self.prefix = prefix
        self.router = Router(tags=[tag])
        self._readers: dict[str, Handler] = {}

    def get(self, path: str, *, public: bool = False) -> Callable[[Handler], Handler]:
        def publish(handler: Handler) -> Handler:
            self._readers[path] = handler
            return self._publish(
                "GET", path, HTTPStatus.OK, handler, self._plain(handler, HTTPStatus.OK), public=public
            )

        return publish

    def public_post(
        self, path: str, *, status: int = HTTPStatus.OK, body: Mapping[str, Any] | None = None
    ) -> Callable[[Handler], Handler]:
        """A POST without a caller, as a login. `body` describes one that the handler reads itself, by media type."""

        def publish(handler: Handler) -> Handler:
            extra = {} if body is None else {"openapi_extra": {"requestBody": {"required": True, "content": body}}}
            return self._publish("POST", path, status, handler, self._plain(handler, status), public=True, **extra)

        return publish

    def post(
        self, path: str, *, status: int = HTTPStatus.CREATED, despite: Collection[str] = (), is_secret: bool = False
    ) -> Callable[[Handler], Handler]:
        """A POST. `despite` are debts of the caller that do not matter; an answer that `is_secret` is not kept."""
        return self._unsafe("POST", path, status, despite=despite, is_secret=is_secret)

    def put(self, path: str, *, status: int = HTTPStatus.OK) -> Callable[[Handler], Handler]:
        return self._unsafe("PUT", path, status)

    def patch(self, path: str, *, status: int = HTTPStatus.OK) -> Callable[[Handler], Handler]:
        return self._unsafe("PATCH", path, status)

    def delete(self, path: str, *, status: int = HTTPStatus.NO_CONTENT) -> Callable[[Handler], Handler]:
        return self._unsafe("DELETE", path, status)

    def _unsafe(
        self, method: str, path: str, status: int, *, despite: Collection[str] = (), is_secret: bool = False
    ) -> Callable[[Handler], Handler]:
        names = [idempotency.HEADER, IF_MATCH] if "{" in path else [idempotency.HEADER]
        headers = [
            {
                "in": "header",
                "name": name,
                "required": False,
                "description": HEADERS[name],
                "schema": {"type": "string"},
            }
            for name in names
        ]

        def publish(handler: Handler) -> Handler:
            view = self._guarded(handler, path, status, is_secret=is_secret)
            auth = self.dialect.credentials(self.dialect, despite=despite) if despite else NOT_SET
            return self._publish(method, path, status, handler, view, auth=auth, openapi_extra={"parameters": headers})

        return publish

    def _publish(
        self,
        method: str,
        path: str,
        status: int,
        handler: Handler,
        view: Handler,
        *,
        public: bool = False,
        auth: Any = NOT_SET,
        **extra: Any,
    ) -> Handler:
        shape = inspect.signature(handler).return_annotation
        if shape in MEDIA:
            content = {"content": MEDIA[shape]}
            shape, extra = None, extra | {"openapi_extra": {"responses": {int(status): content}}}
        problems = self.dialect.documented_problems
        shapes = {code: shape for code, shape in problems.items() if not (public and code == HTTPStatus.FORBIDDEN)}
        view = self._spelled(handler, view)
        self.router.api_operation(
            [method],
            path,
            auth=None if public else auth,
            response={int(status): shape} | shapes,
            by_alias=True,  # the document shows the dialect's names
            operation_id=handler.__name__,
            summary=handler.__name__.replace("_", " ").capitalize(),
            **extra,
        )(view)
        return handler

    def _spelled(self, handler: Handler, view: Handler) -> Handler:
        """The view, whose errors name a field as the operation spells it, or else the dialect."""
        spelling = _spelling(handler)
        self.dialect.spelling.update({name: word for name, word in spelling.items() if name != word})

        @wraps(view)
        def spelled(request: Call, **arguments: Any) -> HttpResponseBase:
            try:
                return view(request, **arguments)
            except errors.DomainError as error:
                if error.field:
                    error.field = spelling.get(error.field) or self.dialect.spelling.get(error.field, error.field)
                raise

        return spelled

    def _plain(self, handler: Handler, status: int) -> Handler:
        @wraps(handler)
        def view(request: Call, **arguments: Any) -> HttpResponseBase:
            return self.dialect.answer(handler(request, **arguments), status)

        return view

    def _guarded(self, handler: Handler, path: str, status: int, *, is_secret: bool) -> Handler:
        """An unsafe operation: once per `Idempotency-Key`, and only on the version that `If-Match` names."""

        @wraps(handler)
        def view(request: Call, **arguments: Any) -> HttpResponseBase:
            def run() -> Any:
                with preconditions.expecting(_versions(request.headers.get(IF_MATCH))):
                    return self.dialect.answer(handler(request, **arguments), status)

            try:
                if (key := request.headers.get(idempotency.HEADER)) is None:
                    return run()
                same = [str(request.method).encode(), request.get_full_path().encode(), request.body]
                return idempotency.once(request.actor, key, same, run, is_secret=is_secret)
            except errors.Stale:
                return self._current_state(request, path, arguments)

        return view

    def _current_state(self, request: Call, path: str, arguments: dict[str, Any]) -> HttpResponseBase:
        """412 with the record as it is now, where the path has a reader."""
        reader = self._readers.get(path)
        if reader is None:
            raise errors.Stale
        ids = {name: arguments[name] for name in inspect.signature(reader).parameters if name in arguments}
        return self.dialect.answer(reader(request, **ids), HTTPStatus.PRECONDITION_FAILED)


def _spelling(handler: Handler) -> dict[str, str]:
    """The wire's name of each of the domain's that a handler takes."""
    annotations = [parameter.annotation for parameter in inspect.signature(handler).parameters.values()]
    shapes = [next(iter(get_args(annotation)), annotation) for annotation in annotations]  # Query[…] is Annotated
    return {
        name: field.alias or name
        for shape in shapes
        if isinstance(shape, type) and issubclass(shape, Wire)
        for name, field in shape.model_fields.items()
    }


def _versions(if_match: str | None) -> frozenset[int] | None:
    """The versions that the header accepts; None if any will do. A tag that we never gave accepts none."""
    if if_match is None or if_match.strip() == "*":
        return None
    return frozenset(map(int, ENTITY_TAG.findall(if_match)))
