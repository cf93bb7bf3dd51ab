"""Usuarios (urbany.md, "USUARIOS" and "USUARIOS (`/api/users/`)"; answers have the union of both)."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from django.db.models import QuerySet
from ninja import Query
from pydantic import Field, StringConstraints

from backend.core.actor import Actor
from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.pages import PageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import Done, urbany
from backend.dialects.wire import Day, Email, Id, Incoming, OrEmpty, Partial, Phone, Text, Versioned, Wire
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source
from backend.modules.identity import actions, authentication
from backend.modules.identity.actions import passwords, rights, second_factors
from backend.modules.identity.actions import users as user_actions
from backend.modules.identity.queries import users as user_queries
from backend.modules.identity.routers.urbany.shapes import Name, NameOrEmpty, NewPassword, Password, TokenPair

users = Resource(urbany, "/users", tag="Usuarios")

PROFILE = ("date_of_birth", "gender", "city")


class FilterQuery(ListFilters):
    """The filter of the list."""

    search: Text = Field("", max_length=200, description="Nombre, correo, usuario o teléfono", examples=["juan"])

    def filters(self) -> str:
        return self.search


class ProfileIn(Incoming):
    date_of_birth: Day | None = Field(None, examples=["1990-01-01"])
    gender: OrEmpty[Annotated[Text, StringConstraints(max_length=20)]] = Field("", examples=["M"])
    city: OrEmpty[NameOrEmpty] = Field("", examples=["Ciudad de México"])


class UserIn(Incoming):
    read_only = frozenset({"id", "date_joined", "last_login", "permissions", "roles", "username", "two_factor_enabled"})

    email: Email = Field(examples=["nuevo@ejemplo.com"])
    first_name: Name = Field(examples=["María"])
    last_name: NameOrEmpty = Field("", examples=["García"])
    phone: OrEmpty[Phone] = Field("", examples=["+52 55 9876 5432"])
    profile: Partial[ProfileIn] | None = Field(
        None, examples=[{"date_of_birth": "1990-01-01", "gender": "M", "city": "Ciudad de México"}]
    )
    is_active: bool = Field(True, examples=[True])
    role_name: Name | None = Field(None, alias="role", description="Clave o nombre de un rol", examples=["user"])

    def given(self) -> dict[str, Any]:
        """The fields that the caller sent; those of the profile beside the others. No role given is none changed."""
        fields = super().given()
        profile = fields.pop("profile", None) or {}
        return {name: value for name, value in (fields | profile).items() if (name, value) != ("role_name", None)}


class NewUser(UserIn):
    password: Password = Field(examples=["contraseña123"])


class User(Versioned):
    user_id: int = Field(alias="id", examples=[1])
    email: str = Field(examples=["usuario@ejemplo.com"])
    first_name: str = Field(examples=["Juan"])
    last_name: str = Field(examples=["Pérez"])
    phone: str = Field(examples=["+52 55 1234 5678"])
    is_active: bool
    created_at: datetime = Field(alias="date_joined")
    last_login_at: datetime | None = Field(alias="last_login")
    role: str | None = Field(description="De varios, el de más rango", examples=["user"])
    roles: list[str] = Field(examples=[["user"]])

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        return super().of(row, role=next(iter(row["roles"]), None), **more)


class Profile(Wire):
    date_of_birth: date | None = Field(examples=["1990-01-01"])
    gender: str = Field(examples=["M"])
    city: str = Field(examples=["Ciudad de México"])


class UserDetail(User):
    username: str = Field(description="Con el que se entra por sales y onboarding", examples=["usuario@ejemplo.com"])
    profile: Profile
    permissions: list[str] = Field(examples=[["companies.view", "contacts.view"]])
    has_second_factor: bool = Field(alias="two_factor_enabled")

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        return super().of(row, profile=Profile.of(row), **more)


class OwnPasswordChange(NewPassword):
    current_password: Password = Field(alias="old_password", examples=["contraseña123"])


class PasswordChange(NewPassword):
    current_password: Password | None = Field(
        None, alias="old_password", description="La propia; de otro usuario no hace falta", examples=["contraseña123"]
    )


class PasswordChanged(Done):
    message: str = "Contraseña actualizada exitosamente"
    tokens: TokenPair | None = Field(description="Los nuevos, si la contraseña es la propia")


class RoleAssignment(Incoming):
    role_id: Id = Field(examples=[2])


class AssignedRole(Wire):
    user: int = Field(examples=[1])
    role: str = Field(examples=["Manager"])
    assigned_at: datetime


class RoleAssigned(Done):
    message: str = "Rol asignado exitosamente"
    user_role: AssignedRole


class UserStatistics(Wire):
    total: int = Field(alias="total_users", examples=[150])
    active: int = Field(alias="active_users", examples=[142])
    inactive: int = Field(alias="inactive_users", examples=[8])
    new_this_month: int = Field(alias="new_users_this_month", examples=[12])
    by_role: dict[str, int] = Field(alias="users_by_role", examples=[{"admin": 5, "manager": 15, "user": 130}])


def _to_export(actor: Actor, term: str) -> QuerySet:
    return user_queries.to_export(actor, term=term)


sources.declare(
    Source(
        "urbany.users",
        "Usuarios",
        reading(FilterQuery, _to_export),
        columns(User, is_active="may_act", roles="role_names"),
    )
)


@users.get("/")
def list_users(request: Call, filters: Query[FilterQuery], wanted: Query[PageQuery]) -> ResultsPage[User]:
    """Una página de los usuarios del espacio, por nombre de usuario. Needs `users.view`.

    `search` busca en nombres, correo y teléfono, sin distinguir mayúsculas ni acentos.
    """
    found = user_queries.page(request.actor, wanted.window(), term=filters.search)
    return ResultsPage[User].of_page(request, found)


@users.post("/")
def create_user(request: Call, user: NewUser) -> User:
    """Crea un usuario del espacio, que entra con su correo. Needs `users.add`.

    Sin `role`, tiene el rol `user`. 400 si el correo ya existe, el rol no existe o la contraseña es débil; 403 si el
    rol permite algo que quien lo da no puede hacer.
    """
    made = user_actions.add(request.actor, **user.given())
    return User.of(user_queries.describe(request.actor, made.pk))


@users.get("/me/")
def my_user(request: Call) -> UserDetail:
    """El usuario del token. Needs a login alone."""
    return UserDetail.of(user_queries.get(request.actor, request.actor.require_user()))


@users.get("/stats/")
def user_stats(request: Call) -> UserStatistics:
    """Cuántos usuarios hay, por estado y por rol; «este mes», en la zona horaria del espacio. Needs `users.view`."""
    found = user_queries.statistics(request.actor)
    return UserStatistics(
        total=found.total,
        active=found.active,
        inactive=found.total - found.active,
        new_this_month=found.new_this_month,
        by_role=found.by_role,
    )


@users.get("/statistics/")
def user_statistics(request: Call) -> UserStatistics:
    """Lo mismo que `stats/`. Needs `users.view`."""
    return user_stats(request)


@users.post("/change-password/", status=200, is_secret=True)
def change_own_password(request: Call, change: OwnPasswordChange) -> PasswordChanged:
    """Cambia la contraseña propia y responde con tokens nuevos; los anteriores dejan de valer. Needs a login alone.

    400 si la actual no es correcta o la nueva es débil, 429 tras demasiados intentos.
    """
    user = actions.change_password(
        request.actor, current_password=change.current_password, new_password=change.new_password
    )
    return PasswordChanged(tokens=TokenPair.of_object(authentication.tokens_for(request.actor, user)))


@users.get("/{int:user_id}/")
def user_detail(request: Call, user_id: Id) -> UserDetail:
    """Un usuario con su perfil, sus permisos y su última entrada. Needs `users.view`, o ser uno mismo."""
    return UserDetail.of(user_queries.get(request.actor, user_id))


@users.put("/{int:user_id}/")
def update_user(request: Call, user_id: Id, user: Partial[UserIn]) -> User:
    """Cambia los campos que se envían. Needs `users.change`, o ser uno mismo para nombre, teléfono y perfil.

    Un `role` nuevo reemplaza los roles (needs `roles.assign`), nunca los propios. Nombre, correo y teléfono de quien
    pertenece también a otro espacio son solo suyos. 403 sobre quien puede más que uno mismo; 409 si el espacio se
    quedaría sin administrador.
    """
    user_actions.update(request.actor, user_id, **user.given())
    return User.of(user_queries.describe(request.actor, user_id))


@users.patch("/{int:user_id}/")
def patch_user(request: Call, user_id: Id, user: Partial[UserIn]) -> User:
    """Lo mismo que PUT. Needs `users.change`, o ser uno mismo para nombre, teléfono y perfil."""
    return update_user(request, user_id, user)


@users.delete("/{int:user_id}/")
def delete_user(request: Call, user_id: Id) -> None:
    """Elimina un usuario del espacio. Needs `users.delete`.

    Lo que escribió conserva su nombre; si no pertenece a otro espacio, su correo queda libre.
    403 para uno mismo y para quien puede más que uno mismo; 409 para el último administrador.
    """
    user_actions.delete(request.actor, user_id)


@users.post("/{int:user_id}/change-password/", status=200, is_secret=True)
def change_password(request: Call, user_id: Id, change: PasswordChange) -> PasswordChanged:
    """Cambia una contraseña: la propia con `old_password`, la de otro sin ella.

    Needs a login alone para la propia, y `users.change` para la de otro.
    Las sesiones anteriores terminan. 400 si la nueva es débil; 403 sobre quien puede más que uno mismo o pertenece
    también a otro espacio.
    """
    if user_id == request.actor.user_id:
        own = {"current_password": change.current_password or "", "new_password": change.new_password}
        user = actions.change_password(request.actor, **own)
        return PasswordChanged(tokens=TokenPair.of_object(authentication.tokens_for(request.actor, user)))
    passwords.set_password(request.actor, user_id, password=change.new_password)
    return PasswordChanged(tokens=None)


@users.post("/{int:user_id}/assign-role/", status=200)
def assign_role(request: Call, user_id: Id, assignment: RoleAssignment) -> RoleAssigned:
    """Da un rol en lugar de los que el usuario tiene, desde su próxima petición. Needs `roles.assign`.

    400 si el rol no existe; 403 para uno mismo, y si el rol o el usuario pueden más que quien lo asigna; 409 si el
    espacio se quedaría sin administrador.
    """
    given = rights.assign_role(request.actor, user_id, role_id=assignment.role_id)
    assigned = AssignedRole(user=user_id, role=given.role.name, assigned_at=given.assigned_at)
    return RoleAssigned(user_role=assigned)


@users.post("/{int:user_id}/reset-two-factor/", status=200)
def reset_two_factor(request: Call, user_id: Id) -> Done:
    """Quita la verificación en dos pasos de quien perdió su teléfono. Needs `users.change`; queda en la auditoría.

    403 para uno mismo y para quien puede más que uno mismo; 409 si no la tiene.
    """
    second_factors.reset(request.actor, user_id)
    return Done(message="2FA restablecido exitosamente")
