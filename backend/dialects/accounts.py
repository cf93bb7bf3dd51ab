"""The accounts dialect: camelCase, no trailing slash, items with a total, errors with a code."""

from typing import Annotated, Any, Generic, Self, get_args

from pydantic import Field, PrivateAttr, RootModel

from backend.core import errors, listing
from backend.core.errors import DomainError
from backend.core.listing import LARGEST_PAGE, Window
from backend.dialects.base import Dialect
from backend.dialects.pages import PAGE_SIZE, Counted, Row
from backend.dialects.wire import LARGEST_ID, Wire
from backend.dialects.words import spanish


class PageQuery(Wire):
    """Which page of a list, and how long a page is. A page past the end is empty."""

    page: Annotated[int, Field(ge=1, le=LARGEST_ID // LARGEST_PAGE)] = 1
    size: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE

    def window(self) -> Window:
        return Window(size=self.size, offset=(self.page - 1) * self.size)


class Page(Counted, Generic[Row]):
    """One page of a list, and how many there are in all."""

    items: list[Row]
    total: int = Field(examples=[85])
    page: int = Field(examples=[1])
    size: int = Field(examples=[20])

    @classmethod
    def of_page(cls, found: listing.Page, **more: Any) -> Self:
        (shape,) = get_args(cls.model_fields["items"].annotation)
        return cls(
            items=[shape.of(row) for row in found.rows],
            total=found.count.rows,
            page=found.window.offset // found.window.size + 1,
            size=found.window.size,
            count_is_exact=found.count.exact,
            **more,
        )


class Rows(RootModel[list[Row]], Wire, Generic[Row]):
    """A plain array of the first rows of a list; `X-Total-Count` says how many there are in all."""

    _count: listing.Count = PrivateAttr()

    @classmethod
    def of_page(cls, found: listing.Page) -> Self:
        (shape,) = get_args(cls.model_fields["root"].annotation)
        rows = cls([shape.of(row) for row in found.rows])
        rows._count = found.count
        return rows

    def headers(self) -> dict[str, str]:
        bound = {} if self._count.exact else {"X-Count-Exact": "false"}
        return {"X-Total-Count": str(self._count.rows)} | bound


class ProblemDetail(Wire):
    code: str = Field(examples=["VALIDATION_ERROR"])
    message: str = Field(examples=["Los datos proporcionados no son válidos"])
    details: dict[str, Any] = Field(examples=[{"name": ["Este campo es obligatorio."]}])


class Problem(Wire):
    """Any error. `details` has the reasons by field where the error is about fields."""

    error: ProblemDetail


class Accounts(Dialect):
    name = "accounts"
    title = "Crisol: accounts"
    summary = """
        Varias empresas en un servidor: invitaciones, claves de API, cuentas, contactos, oportunidades, adjuntos y
        reportes.

        Inicie sesión en `POST /v1/auth/login` con `companyId` y envíe el token como `Authorization: Bearer <token>`;
        una clave de API va igual, o como `X-API-Key`. Los listados llevan `items`, `total`, `page` y `size` (20 a 100).
        Un error lleva `error` con `code`, `message` y `details` por campo; 422 es para lo que está bien escrito y una
        regla no permite. Mientras `forcePasswordReset` sea cierto, solo se puede cambiar la contraseña. Cada llamada
        que cambia algo acepta `Idempotency-Key`; el `ETag` de un registro se puede devolver como `If-Match`.
    """
    mount = ""
    language = "es"
    owns = ("/v1/", "/health", "/metrics")
    trailing_slash = False
    documented_problems = {400: Problem, 401: Problem, 403: Problem, 404: Problem}
    refused_debts = Dialect.refused_debts | {errors.PASSWORD_CHANGE}
    words = spanish.WORDS | {
        "wrong_credentials": "Correo, contraseña o empresa incorrectos",
        "company_name_taken": "Ya existe una cuenta con este nombre",
        "company_has_dependants": "La cuenta aún tiene contactos ({contacts}) u oportunidades ({opportunities})",
    }

    def problem(self, error: DomainError, status: int) -> Any:
        is_validation = isinstance(error, errors.Malformed | errors.Invalid)
        code = "VALIDATION_ERROR" if is_validation else error.code.upper()
        sentence = self.say("malformed" if isinstance(error, errors.Invalid) else error.code, error.facts)
        return {"error": {"code": code, "message": sentence, "details": self._details(error)}}

    def _details(self, error: DomainError) -> dict[str, Any]:
        if isinstance(error, errors.Malformed):
            return self.by_field(error.faults, whole="body")
        if error.field:
            return {error.field: [self.say(error.code, error.facts)]}
        return {}


accounts = Accounts()
