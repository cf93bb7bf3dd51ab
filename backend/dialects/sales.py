"""The sales dialect: Spanish, with an envelope of success, data and message around every answer."""

from typing import Any, Generic, Literal, TypeVar

from pydantic import Field

from backend.core import errors
from backend.core.errors import DomainError
from backend.dialects.base import Dialect
from backend.dialects.pages import LinkedPage, Row
from backend.dialects.wire import Wire
from backend.dialects.words import spanish

Data = TypeVar("Data")


class Answer(Wire, Generic[Data]):
    """One record, or one report."""

    success: Literal[True] = True
    data: Data
    message: str

    def headers(self) -> dict[str, str]:
        return self.data.headers() if isinstance(self.data, Wire) else {}


class Done(Wire):
    """What was asked for is done; there is nothing to show."""

    success: Literal[True] = True
    message: str


class Page(LinkedPage[Row], Generic[Row]):
    """One page of a list. `next` and `previous` are addresses, or null at the ends."""

    success: Literal[True] = True
    rows: list[Row] = Field(alias="data")
    message: str = "Listado obtenido exitosamente"


class ProblemDetail(Wire):
    code: str = Field(examples=["VALIDATION_ERROR"])
    message: str = Field(examples=["Los datos proporcionados no son válidos"])
    details: dict[str, Any] = Field(examples=[{"nombre": ["Este campo es obligatorio."]}])


class Problem(Wire):
    """Any error. `details` has the reasons by field where the error is about fields."""

    success: Literal[False] = False
    error: ProblemDetail


class Sales(Dialect):
    name = "sales"
    title = "Crisol: sales"
    summary = """
        Empresas, clientes, oportunidades, actividades y reportes.

        Inicie sesión en `POST /api/v1/auth/login/` y envíe el token como `Authorization: Bearer <token>`. Toda
        respuesta lleva `success`, `data` y `message`; los listados van en páginas de 20 (`page`, `page_size` hasta
        100). Un error lleva `error` con `code`, `message` y `details` por campo. Cada llamada que cambia algo acepta
        `Idempotency-Key`; el `ETag` de un registro se puede devolver como `If-Match`.
    """
    mount = "api/v1/"
    language = "es"
    owns = ("/api/v1/",)
    documented_problems = {400: Problem, 401: Problem, 403: Problem, 404: Problem}

    CODES = {
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "PERMISSION_DENIED",
        404: "NOT_FOUND",
        405: "METHOD_NOT_ALLOWED",
        409: "CONSTRAINT_ERROR",
        412: "PRECONDITION_FAILED",
        413: "PAYLOAD_TOO_LARGE",
        415: "UNSUPPORTED_MEDIA_TYPE",
        422: "IDEMPOTENCY_ERROR",
        429: "TOO_MANY_ATTEMPTS",
        500: "SERVER_ERROR",
        503: "SERVICE_UNAVAILABLE",
    }
    STATUSES = {"unknown_contact": 404, "unknown_opportunity": 404, "username_taken": 400, "user_email_taken": 400}
    # Records that hold on to another, by the fact that counts them.
    dependants = {"contacts": "clientes", "opportunities": "oportunidades"}
    words = spanish.WORDS | {
        "company_has_dependants": "La empresa aún tiene clientes ({contacts}) u oportunidades ({opportunities})",
        "email_taken": "Ya existe un cliente con este correo",
        "unknown_contact": "No existe el cliente {id}",
        "contact_has_open_opportunities": "El cliente aún tiene oportunidades abiertas ({opportunities})",
    }

    def status(self, error: DomainError) -> int:
        """A reference to a record that is not there is a 404; a user's name or address that is taken a 400."""
        return self.STATUSES.get(error.code) or super().status(error)

    def problem(self, error: DomainError, status: int) -> Any:
        code = "INVALID_CREDENTIALS" if error.code == "wrong_credentials" else self.CODES[status]
        sentence = self.say("malformed" if error.code == "broken_json" else error.code, error.facts)
        return {"success": False, "error": {"code": code, "message": sentence, "details": self._details(error)}}

    def _details(self, error: DomainError) -> dict[str, Any]:
        if isinstance(error, errors.Malformed):
            return self.by_field(error.faults, whole="body")
        if error.field:
            return {error.field: [self.say(error.code, error.facts)]}
        holding = {word: error.facts.get(name) for name, word in self.dependants.items()}
        return {word: [f"Tiene {count}."] for word, count in holding.items() if count}


sales = Sales()
