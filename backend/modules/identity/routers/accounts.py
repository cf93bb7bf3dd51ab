"""Login, companies, invitations, passwords and API keys (accounts.md, the first three sections)."""

from datetime import datetime
from typing import Annotated

from ninja import Query
from pydantic import Field, StringConstraints

from backend.core.errors import PASSWORD_CHANGE
from backend.dialects.accounts import Page, PageQuery, accounts
from backend.dialects.columns import columns
from backend.dialects.kept_query import reading_all
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import Email, FilledText, Id, Incoming, Moment, Text, Vocabulary, Wire
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source
from backend.modules.identity import actions, authentication
from backend.modules.identity.actions import api_keys, invitations, workspaces
from backend.modules.identity.queries import api_keys as api_key_queries
from backend.modules.identity.queries import invitations as invitation_queries
from backend.modules.identity.queries import users as user_queries

auth = Resource(accounts, "/v1/auth", tag="Autenticación")
companies = Resource(accounts, "/v1/companies", tag="Empresas y usuarios")
members = Resource(accounts, "/v1/users", tag="Empresas y usuarios")
keys = Resource(accounts, "/v1/apikeys", tag="Claves de API")

Password = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Name = Annotated[FilledText, StringConstraints(max_length=200)]
ShortName = Annotated[Text, StringConstraints(max_length=100)]
Language = Annotated[str, Vocabulary({"es": "es", "en": "en"})]


class Login(Incoming):
    email: FilledText = Field(examples=["admin@urbany.com"])
    password: Password = Field(examples=["admin123"])
    workspace_id: Id = Field(alias="companyId", examples=[1])


class Session(Wire):
    access_token: str
    must_change_password: bool = Field(alias="forcePasswordReset")


class CompanyIn(Incoming):
    read_only = frozenset({"id", "createdAt"})

    name: Name = Field(examples=["Acme Perú SAC"])
    time_zone: FilledText = Field("America/Lima", alias="timeZone", description="IANA", examples=["America/Lima"])
    region: FilledText = Field("PE", description="ISO 3166", examples=["PE"])
    language: Language = Field("es", description="De los correos", examples=["es"])


class Company(Wire):
    id: int
    name: str
    time_zone: str = Field(alias="timeZone")
    region: str
    language: str
    created_at: datetime = Field(alias="createdAt")


class InvitationIn(Incoming):
    email: Email = Field(examples=["ana@example.com"])
    role_names: list[ShortName] = Field(
        ["sales"], alias="roles", min_length=1, max_length=20, description="Claves o nombres", examples=[["sales"]]
    )


class Invitation(Wire):
    id: int
    email: str
    roles: list[str] = Field(examples=[["Sales"]])
    status: str = Field(description="pending, accepted, expired o revoked", examples=["pending"])
    invited_by_name: str | None = Field(alias="invitedBy")
    sent: int = Field(description="Correos enviados", examples=[1])
    expires_at: datetime = Field(alias="expiresAt")
    created_at: datetime = Field(alias="createdAt")


class Acceptance(Incoming):
    token: FilledText = Field(max_length=200, examples=["4fT…"])
    password: Password = Field(examples=["una-clave-larga-7"])
    username: Annotated[FilledText, StringConstraints(max_length=150)] | None = Field(None, examples=["ana"])
    first_name: ShortName = Field("", alias="firstName", examples=["Ana"])
    last_name: ShortName = Field("", alias="lastName", examples=["Pérez"])


class Member(Wire):
    id: int
    email: str
    username: str
    first_name: str = Field(alias="firstName")
    last_name: str = Field(alias="lastName")
    workspace_id: int = Field(alias="companyId")
    must_change_password: bool = Field(alias="forcePasswordReset")


class PasswordChange(Incoming):
    current_password: Password = Field(alias="currentPassword", examples=["una-clave-larga-7"])
    new_password: Password = Field(alias="newPassword", examples=["otra-clave-larga-8"])


class ApiKeyIn(Incoming):
    name: Annotated[FilledText, StringConstraints(max_length=100)] = Field(examples=["Tablero de ventas"])
    permissions: list[ShortName] | None = Field(
        None, max_length=200, description="Por defecto, los de quien la crea", examples=[["reports.view"]]
    )
    expires_at: Moment | None = Field(None, alias="expiresAt", examples=["2027-12-31T00:00:00Z"])


class ApiKey(Wire):
    id: int
    name: str
    jti: str
    last_four: str = Field(alias="lastFour", examples=["9f3a"])
    status: str = Field(description="active, expired o revoked", examples=["active"])
    permissions: list[str]
    expires_at: datetime | None = Field(alias="expiresAt")
    last_used_at: datetime | None = Field(alias="lastUsedAt", description="Al minuto")
    created_by_name: str | None = Field(alias="createdBy")
    created_at: datetime  # the document spells it so


class NewApiKey(ApiKey):
    key: str = Field(description="No se vuelve a mostrar", examples=["crisol_5f0c…_b1d2…"])


@auth.public_post("/login")
def log_in(request: Call, login: Login) -> Session:
    """Inicia sesión en una empresa.

    401 si correo, contraseña o empresa no son correctos, sin decir cuál; 403 si el usuario no pertenece a la empresa;
    429 con `Retry-After` tras demasiados intentos.
    Con la verificación en dos pasos, el token solo sirve para `POST /api/auth/two-factor/` (urbany).
    Mientras `forcePasswordReset` sea cierto, el token solo sirve aquí para cambiar la contraseña.
    """
    user, token = authentication.log_in_to(login.workspace_id, email=login.email, password=login.password)
    return Session(access_token=token, must_change_password=user.must_change_password)


@companies.post("")
def create_company(request: Call, company: CompanyIn) -> Company:
    """Crea una empresa con sus etapas y roles; quien la crea es su administrador. Needs `workspaces.add`.

    400 si la zona horaria o la región no existen.
    """
    workspace = workspaces.create_workspace(request.actor, **company.model_dump())
    return Company.of_object(workspace)


@members.post("/invitations")
def invite(request: Call, invitation: InvitationIn) -> Invitation:
    """Invita por correo, con un enlace de un solo uso que vale siete días. Needs `users.invite`.

    409 si la dirección ya es de un miembro o tiene una invitación pendiente; 403 si un rol va más allá de lo que uno
    mismo puede.
    """
    made = invitations.create(request.actor, **invitation.model_dump())
    return Invitation.of(invitation_queries.get(request.actor, made.pk))


sources.declare(
    Source(
        "accounts.invitations",
        "Invitaciones",
        reading_all(invitation_queries.to_export),
        columns(Invitation, roles="role_names"),
    )
)


@members.get("/invitations")
def list_invitations(request: Call, wanted: Query[PageQuery]) -> Page[Invitation]:
    """Las invitaciones, las últimas primero. Needs `users.invite`."""
    return Page[Invitation].of_page(invitation_queries.page(request.actor, wanted.window()))


@members.post("/invitations/{int:invitation_id}/resend", status=200)
def resend_invitation(request: Call, invitation_id: Id) -> Invitation:
    """Envía un enlace nuevo, que vale siete días; el anterior deja de valer. Needs `users.invite`.

    422 si ya se aceptó o se revocó.
    """
    invitations.resend(request.actor, invitation_id)
    return Invitation.of(invitation_queries.get(request.actor, invitation_id))


@members.delete("/invitations/{int:invitation_id}")
def revoke_invitation(request: Call, invitation_id: Id) -> None:
    """Revoca una invitación. Needs `users.invite`. 422 si ya se aceptó."""
    invitations.revoke(request.actor, invitation_id)


@members.public_post("/accept-invitation", status=201)
def accept_invitation(request: Call, acceptance: Acceptance) -> Member:
    """Acepta una invitación: crea el usuario, o agrega la empresa al que ya tiene esta dirección.

    Para una dirección que ya tiene usuario, la contraseña tiene que ser la suya (401): aquí no se cambia.
    404 si el enlace no existe, 422 si expiró, se usó o se revocó, 429 tras demasiados intentos.
    """
    here, user = invitations.accept(**acceptance.model_dump())
    shown = {**user_queries.describe(here, user.pk), "id": user.pk, "workspace_id": here.workspace_id}
    return Member.of(shown, must_change_password=user.must_change_password)


@members.post("/change-password", status=200, despite={PASSWORD_CHANGE}, is_secret=True)
def change_password(request: Call, passwords: PasswordChange) -> Session:
    """Cambia la contraseña propia y devuelve un token nuevo; los anteriores dejan de valer. Needs a login alone.

    400 si la actual no es correcta o la nueva es débil, 429 tras demasiados intentos.
    """
    user = actions.change_password(request.actor, **passwords.model_dump())
    pair = authentication.tokens_for(request.actor, user)
    return Session(access_token=pair.access, must_change_password=user.must_change_password)


@keys.post("", is_secret=True)
def create_api_key(request: Call, key: ApiKeyIn) -> NewApiKey:
    """Crea una clave. Su texto (`key`) se muestra esta única vez. Needs `apikeys.manage`.

    `permissions` son los que la clave tendrá, de entre los de quien la crea (403); una clave no administra usuarios,
    roles, empresas ni claves (400).
    """
    made, text = api_keys.create(request.actor, **key.model_dump())
    return NewApiKey.of(api_key_queries.get(request.actor, made.pk), key=text)


@keys.get("")
def list_api_keys(request: Call, wanted: Query[PageQuery]) -> Page[ApiKey]:
    """Las claves, las últimas primero, sin su secreto. Needs `apikeys.manage`."""
    return Page[ApiKey].of_page(api_key_queries.page(request.actor, wanted.window()))


@keys.delete("/{int:key_id}")
def revoke_api_key(request: Call, key_id: Id) -> None:
    """Revoca una clave, desde la próxima petición. Needs `apikeys.manage`."""
    api_keys.revoke(request.actor, key_id)
