"""The urbany dialect: Spanish, pages as Django REST framework sends them, errors with one sentence."""

from typing import Any

from pydantic import Field

from backend.core import errors
from backend.core.errors import DomainError
from backend.dialects.base import Dialect
from backend.dialects.wire import Wire
from backend.dialects.words import spanish


class Done(Wire):
    """What was asked for is done; there is nothing more to show."""

    message: str


class Problem(Wire):
    """Any error. A 400 that is about fields has the reasons by field in `details`."""

    error: str = Field(examples=["Los datos proporcionados no son válidos"])
    details: dict[str, list[str]] | None = Field(None, examples=[{"email": ["Este campo es obligatorio."]}])


class Urbany(Dialect):
    name = "urbany"
    title = "Crisol: urbany"
    summary = """
        Usuarios, roles y permisos, con verificación en dos pasos; contratos y mensajería.

        Inicie sesión en `POST /api/auth/login/` con el correo y envíe `tokens.access` como
        `Authorization: Bearer <token>`. Con la verificación en dos pasos, esos tokens solo sirven para
        `POST /api/auth/two-factor/`, que responde con los definitivos. Los listados van en páginas de 20 (`page`,
        `page_size` hasta 100). Un error lleva `error` y, si es un 400 sobre campos, `details`. Cada llamada que cambia
        algo acepta `Idempotency-Key`; el `ETag` de un registro se puede devolver como `If-Match`.
    """
    mount = "api/"
    language = "es"
    owns = tuple(f"/api/{room}/" for room in ("auth", "users", "roles", "permissions", "contratos", "mensajes"))
    documented_at = {
        "api/schema/": "openapi",
        "swagger/": "swagger",
        "api/docs/": "swagger",
        "redoc/": "redoc",
        "api/redoc/": "redoc",
    }
    documented_problems = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem}
    words = spanish.WORDS | {
        "wrong_credentials": "Correo o contraseña incorrectos",
        "role_in_use": "No se puede eliminar un rol que tiene usuarios asignados",
    }

    def status(self, error: DomainError) -> int:
        """What is about a field is a 400, a value that is taken as well; so is a role that somebody holds."""
        return 400 if error.field or error.code == "role_in_use" else super().status(error)

    def problem(self, error: DomainError, status: int) -> Any:
        sentence = {"error": self.say(error.code, error.facts)}
        if isinstance(error, errors.Malformed):
            return sentence | {"details": self.by_field(error.faults, whole="body")}
        if error.field:
            return sentence | {"details": {error.field: [sentence["error"]]}}
        return sentence


urbany = Urbany()
