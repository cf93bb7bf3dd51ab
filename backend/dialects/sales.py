"""The sales dialect: Spanish, with an envelope of success, data and message around every answer."""

from typing import Any, Generic, Literal, TypeVar

from django.http import HttpRequest
from pydantic import Field

from backend.core import errors, listing
from backend.core.errors import DomainError
from backend.dialects import pages
from backend.dialects.base import Dialect
from backend.dialects.wire import Wire

PAGE_SIZE = 20
Data = TypeVar("Data")
Row = TypeVar("Row", bound=Wire)


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


class Page(Wire, Generic[Row]):
    """One page of a list. `next` and `previous` are addresses, or null at the ends."""

    count: int = Field(examples=[85])
    next: str | None = Field(examples=["http://localhost:8000/api/v1/empresas/?page=2"])
    previous: str | None = Field(examples=[None])
    success: Literal[True] = True
    data: list[Row]
    message: str = "Listado obtenido exitosamente"
    count_is_exact: bool = Field(default=True, exclude=True)

    def headers(self) -> dict[str, str]:
        return {} if self.count_is_exact else {"X-Count-Exact": "false"}


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
        500: "SERVER_ERROR",
        503: "SERVICE_UNAVAILABLE",
    }
    STATUSES = {"unknown_contact": 404, "unknown_opportunity": 404, "username_taken": 400, "user_email_taken": 400}
    # The domain's names of fields where this dialect has another.
    fields = {
        "name": "nombre",
        "email": "email",
        "username": "username",
        "company_id": "empresa_id",
        "contact_id": "cliente_id",
        "assigned_to_id": "responsable_id",
        "stage": "etapa",
        "status": "estado",
        "opportunity_id": "oportunidad_id",
        "outcome": "resultado",
        "password": "password",
        "period_start": "fecha_inicio",
        "period_end": "fecha_fin",
    }
    # Records that hold on to another, by the fact that counts them.
    dependants = {"contacts": "clientes", "opportunities": "oportunidades"}
    words = {
        # lo que está mal en un campo
        "required": "Este campo es obligatorio.",
        "null": "Este campo no puede ser nulo.",
        "blank": "Este campo no puede estar vacío.",
        "not_text": "Debe ser un texto.",
        "null_character": "No se permiten caracteres nulos.",
        "too_long": "Debe tener como máximo {limit} caracteres.",
        "too_small": "Debe ser mayor o igual que {limit}.",
        "too_large": "Debe ser menor o igual que {limit}.",
        "not_decimal": "Debe ser un número.",
        "too_many_digits": "Debe tener como máximo 12 dígitos enteros y 2 decimales.",
        "not_date": "Debe ser una fecha AAAA-MM-DD que exista.",
        "not_datetime": "Debe ser una fecha y hora ISO 8601.",
        "not_url": "Debe ser una dirección web válida.",
        "passwords_differ": "Las contraseñas no coinciden.",
        "not_integer": "Debe ser un número entero.",
        "not_email": "Debe ser un correo electrónico válido.",
        "choice": '"{value}" no es una opción válida.',
        "unknown_field": "Este campo no existe.",
        "not_object": "Se esperaba un objeto.",
        "invalid": "El valor no es válido.",
        # peticiones enteras
        "malformed": "Los datos proporcionados no son válidos",
        "not_authenticated": "Se requiere un token de acceso",
        "wrong_credentials": "Usuario o contraseña incorrectos",
        "invalid_token": "El token no es válido o ha expirado",
        "second_factor_owed": "Falta el segundo factor",
        "permission_denied": "No tiene permiso para realizar esta acción",
        "not_found": "El recurso no existe",
        "page_not_found": "La página no existe",
        "method_not_allowed": "El método {method} no está permitido",
        "broken_json": "El cuerpo no es JSON válido: {reason}",
        "unsupported_media_type": "El tipo de contenido {media_type} no se admite",
        "too_large_body": "La petición es demasiado grande",
        "stale": "El registro ha cambiado desde que se leyó",
        "idempotency_still_running": "Una petición con esta Idempotency-Key sigue en curso",
        "idempotency_key_reused": "Esta Idempotency-Key se usó para otra petición",
        "unavailable": "No responde: {dependency}; inténtelo de nuevo",
        "server_error": "Error inesperado",
        # reglas
        "conflict": "El cambio contradice lo guardado",
        "rule_violated": "No está permitido",
        "email_taken": "Ya existe un cliente con este correo",
        "company_name_taken": "Ya existe una empresa con este nombre",
        "company_has_dependants": "La empresa tiene {contacts} clientes y {opportunities} oportunidades",
        "contact_has_open_opportunities": "El cliente tiene {opportunities} oportunidades abiertas",
        "unknown_opportunity": "No existe la oportunidad {id}",
        "activity_not_pending": "La actividad ya no está pendiente",
        "unknown_stage": '"{value}" no es una etapa.',
        "contradictory_outcome": "Estado, resultado y etapa se contradicen.",
        "period_reversed": "El periodo termina antes de empezar.",
        "too_many_buckets": "El periodo tiene más de {limit} grupos; elija uno más corto o agrupe por semana o mes.",
        "account_disabled": "El usuario está desactivado",
        "registration_closed": "El registro es solo por invitación",
        "weak_password": "{reasons}",
        "unknown_user": "No existe el usuario {id}",
        "unknown_contact": "No existe el cliente {id}",
        "username_taken": "Ya existe un usuario con este nombre",
        "user_email_taken": "Ya existe un usuario con este correo",
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
            return {self.fields[error.field]: [self.say(error.code, error.facts)]}
        holding = {word: error.facts.get(name) for name, word in self.dependants.items()}
        return {word: [f"Tiene {count}."] for word, count in holding.items() if count}


def page_of(request: HttpRequest, page: listing.Page, shape: type[Row]) -> Page[Row]:
    """The page as it is sent, with the addresses of its neighbours."""
    next_, previous = pages.neighbours(request, page)
    return Page[shape](  # type: ignore[valid-type]
        count=page.count.rows,
        next=next_,
        previous=previous,
        data=[shape.of(row) for row in page.rows],
        count_is_exact=page.count.exact,
    )


sales = Sales()
