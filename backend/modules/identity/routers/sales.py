"""Autenticación y usuarios (sales.md, section 1)."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Query
from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from backend.core.folding import join_name, split_name
from backend.core.tabular import Column
from backend.dialects.columns import YES_OR_NO
from backend.dialects.kept_query import reading_all
from backend.dialects.pages import PageQuery
from backend.dialects.resource import Call, Resource
from backend.dialects.sales import Answer, Page, sales
from backend.dialects.wire import Email, FilledText, Incoming, Vocabulary, Wire
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source
from backend.modules.identity import actions, authentication, roles
from backend.modules.identity.queries import users

auth = Resource(sales, "/auth", tag="Autenticación")

UserType = Annotated[str, Vocabulary({"admin": "admin", "regular": "regular"})]
Password = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
COLUMNS = (
    Column("ID", "user_id", "plain"),
    Column("Usuario", "username"),
    Column("Nombre completo", "full_name"),
    Column("Correo", "email"),
    Column("Tipo", "is_admin", words={True: "admin", False: "regular"}),
    Column("Activo", "may_act", words=YES_OR_NO),
    Column("Fecha de creación", "created_at", "moment"),
)


class Registration(Incoming):
    full_name: Annotated[FilledText, StringConstraints(max_length=200)] = Field(
        alias="nombre_completo", examples=["Ana María Pérez"]
    )
    username: Annotated[FilledText, StringConstraints(max_length=150)] = Field(examples=["ana"])
    email: Email = Field(examples=["ana@example.com"])
    password: Password = Field(examples=["una-clave-larga-7"])
    password_confirm: Password = Field(examples=["una-clave-larga-7"])
    user_type: UserType = Field("regular", alias="tipo", examples=["regular"])

    @field_validator("password_confirm")
    @classmethod
    def passwords_agree(cls, confirmation: str, info: ValidationInfo) -> str:
        if "password" in info.data and info.data["password"] != confirmation:
            raise PydanticCustomError("passwords_differ", "The two passwords do not match.")
        return confirmation


class Credentials(Incoming):
    username: FilledText = Field(examples=["admin"])
    password: Password = Field(examples=["admin123"])


class RefreshToken(Incoming):
    refresh: FilledText = Field(examples=["eyJhbGciOiJIUzI1NiIs…"])


class AccessToken(Wire):
    access: str


class User(Wire):
    user_id: int = Field(alias="id", examples=[1])
    username: str = Field(examples=["ana"])
    full_name: str = Field(alias="nombre_completo", examples=["Ana María Pérez"])
    email: str = Field(examples=["ana@example.com"])
    user_type: UserType = Field(alias="tipo")
    is_active: bool = Field(alias="activo")
    created_at: datetime = Field(alias="fecha_creacion")

    @classmethod
    def of(cls, row: Any, **more: Any) -> "User":
        return super().of(
            row,
            full_name=join_name(row["first_name"], row["last_name"]),
            user_type="admin" if row["is_admin"] else "regular",
            **more,
        )


class Session(Wire):
    access: str
    refresh: str
    user: User


@auth.public_post("/register/", status=201)
def register(request: Call, registration: Registration) -> Answer[User]:
    """Registra un usuario.

    Con `REGISTRATION=open` cualquiera se registra como `regular`; con `invite`, y para `tipo: admin` siempre, hace
    falta el token de quien puede crear usuarios: sin él, 403. 400 si el usuario o el correo ya existen o la contraseña
    es débil, 429 tras demasiados registros.
    """
    first_name, last_name = split_name(registration.full_name)
    actor, user = actions.register(
        sales.caller(request),
        username=registration.username,
        email=registration.email,
        password=registration.password,
        first_name=first_name,
        last_name=last_name,
        role_name=roles.ADMIN if registration.user_type == "admin" else roles.SALES,
    )
    return Answer(data=User.of(users.describe(actor, user.pk)), message="Usuario creado exitosamente")


@auth.public_post("/login/")
def log_in(request: Call, credentials: Credentials) -> Answer[Session]:
    """Inicia sesión con usuario y contraseña.

    401 si no coinciden, 403 si el usuario está desactivado, 429 con `Retry-After` tras demasiados intentos.
    """
    pair = authentication.log_in(username=credentials.username, password=credentials.password)
    actor = authentication.actor_of(pair)
    user = User.of(users.describe(actor, actor.user_id or 0))
    return Answer(data=Session(access=pair.access, refresh=pair.refresh, user=user), message="Login exitoso")


@auth.public_post("/refresh/")
def refresh(request: Call, token: RefreshToken) -> Answer[AccessToken]:
    """Un nuevo token de acceso. 401 si el de refresco no es válido o ha expirado."""
    access = authentication.refresh(token.refresh)
    return Answer(data=AccessToken(access=access), message="Token refrescado exitosamente")


sources.declare(Source("sales.usuarios", "Usuarios", reading_all(users.to_export), COLUMNS))


@auth.get("/usuarios/")
def list_users(request: Call, wanted: Query[PageQuery]) -> Page[User]:
    """Una página de los usuarios del espacio, por nombre de usuario. Needs `users.view`."""
    return Page[User].of_page(request, users.page(request.actor, wanted.window()))
