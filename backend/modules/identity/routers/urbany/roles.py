"""Roles (urbany.md, "ROLES Y PERMISOS", twice; answers have the union of both)."""

from datetime import datetime
from typing import Annotated, Any, Self

from ninja import Query
from pydantic import BeforeValidator, Field

from backend.dialects.columns import columns
from backend.dialects.kept_query import reading_all
from backend.dialects.pages import PageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import Done, urbany
from backend.dialects.wire import Address, Id, Incoming, OrEmpty, Partial, Versioned, Wire
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source
from backend.modules.identity.actions import roles as role_actions
from backend.modules.identity.queries import roles as role_queries
from backend.modules.identity.routers.urbany.permissions import Permission
from backend.modules.identity.routers.urbany.shapes import Name

roles = Resource(urbany, "/roles", tag="Roles y permisos")

Description = OrEmpty[Address]  # a text of at most a thousand characters


def _id_of(permission: Any) -> Any:
    return permission.get("id") if isinstance(permission, dict) else permission


# Ids, or permissions as a role is answered with, so that a client can send what it got.
Permissions = Annotated[list[Annotated[Id, BeforeValidator(_id_of)]], Field(max_length=500)]


class RoleIn(Incoming):
    read_only = frozenset({"id", "permissions_count", "users_count", "user_count", "users", "created_at", "updated_at"})

    name: Name = Field(examples=["Vendedor"])
    description: Description = Field("", examples=["Rol para agentes de ventas"])
    permission_ids: Permissions = Field([], alias="permissions", examples=[[1, 2, 3]])


class RolePermission(Wire):
    id: int = Field(examples=[1])
    name: str = Field(examples=["Create users"])
    content_type: str = Field(examples=["users"])
    codename: str = Field(examples=["users.add"])


class Role(Versioned):
    id: int = Field(examples=[4])
    name: str = Field(examples=["Vendedor"])
    description: str = Field(examples=["Rol para agentes de ventas"])
    permissions: list[RolePermission]
    permissions_count: int = Field(examples=[3])
    users_count: int = Field(examples=[5])
    user_count: int = Field(examples=[5])
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        return super().of(row, permissions_count=len(row["permissions"]), users_count=row["user_count"], **more)


class Holder(Wire):
    user_id: int = Field(alias="id", examples=[1])
    email: str = Field(examples=["admin@ejemplo.com"])
    first_name: str = Field(examples=["Admin"])
    last_name: str = Field(examples=["Sistema"])


class RoleDetail(Role):
    users: list[Holder]


class PermissionChoice(Incoming):
    permission_id: Id = Field(examples=[3])


class RoleSummary(Wire):
    id: int = Field(examples=[1])
    name: str = Field(examples=["Administrador"])
    permissions_count: int = Field(examples=[6])


class PermissionAdded(Done):
    message: str = "Permiso agregado exitosamente"
    role: RoleSummary
    permission: str = Field(examples=["Read reports"])


class PermissionRemoved(Done):
    message: str = "Permiso removido exitosamente"
    role: RoleSummary


class MostUsedRole(Wire):
    name: str = Field(examples=["Usuario"])
    user_count: int = Field(examples=[120])


class RoleStatistics(Wire):
    total_roles: int = Field(examples=[5])
    total_permissions: int = Field(examples=[20])
    roles_with_users: int = Field(examples=[3])
    empty_roles: int = Field(examples=[2])
    most_assigned_role: str | None = Field(examples=["User"])
    most_used_role: MostUsedRole | None
    roles_distribution: dict[str, int] = Field(examples=[{"Admin": 5, "Manager": 15, "User": 130}])
    permissions_distribution: dict[str, int] = Field(examples=[{"users": 4, "roles": 3, "other": 5}])


sources.declare(
    Source(
        "urbany.roles",
        "Roles",
        reading_all(role_queries.to_export),
        columns(Role, permissions="codenames", users_count="user_count"),
    )
)


@roles.get("/")
def list_roles(request: Call, wanted: Query[PageQuery]) -> ResultsPage[Role]:
    """Los roles del espacio, con sus permisos y cuántos usuarios los tienen. Needs `roles.view`."""
    return ResultsPage[Role].of_page(request, role_queries.page(request.actor, wanted.window()))


@roles.post("/")
def create_role(request: Call, role: RoleIn) -> Role:
    """Crea un rol. Needs `roles.manage`.

    400 si el nombre ya existe o un permiso no existe; 403 para un permiso que uno mismo no tiene.
    """
    made = role_actions.create(request.actor, **role.model_dump())
    return Role.of(role_queries.describe(request.actor, made.pk))


@roles.get("/permissions/")
def list_role_permissions(request: Call, wanted: Query[PageQuery]) -> ResultsPage[Permission]:
    """Lo mismo que `GET /api/permissions/`. Needs `roles.view`."""
    return ResultsPage[Permission].of_page(request, role_queries.permission_page(request.actor, wanted.window()))


@roles.get("/stats/")
def role_stats(request: Call) -> RoleStatistics:
    """Cuántos roles y permisos hay, y cómo se reparten: por rol y por aquello de lo que tratan. Needs `roles.view`."""
    found = role_queries.statistics(request.actor)
    held = [role for role in found.roles if role.users]
    most = MostUsedRole(name=held[0].name, user_count=held[0].users) if held else None
    return RoleStatistics(
        total_roles=len(found.roles),
        total_permissions=sum(found.permissions.values()),
        roles_with_users=len(held),
        empty_roles=len(found.roles) - len(held),
        most_assigned_role=most.name if most else None,
        most_used_role=most,
        roles_distribution={role.name: role.users for role in found.roles},
        permissions_distribution=found.permissions,
    )


@roles.get("/statistics/")
def role_statistics(request: Call) -> RoleStatistics:
    """Lo mismo que `stats/`. Needs `roles.view`."""
    return role_stats(request)


@roles.get("/{int:role_id}/")
def role_detail(request: Call, role_id: Id) -> RoleDetail:
    """Un rol con sus permisos y con quienes lo tienen. Needs `roles.view`."""
    return RoleDetail.of(role_queries.get(request.actor, role_id))


@roles.put("/{int:role_id}/")
def update_role(request: Call, role_id: Id, role: Partial[RoleIn]) -> Role:
    """Cambia los campos que se envían; `permissions` reemplaza los permisos. Needs `roles.manage`.

    Rige desde la próxima petición de quienes lo tienen. 400 si el nombre ya existe o un permiso no existe; 403 para un
    permiso que uno mismo no tiene; 409 para los permisos del administrador, que los tiene todos.
    """
    role_actions.update(request.actor, role_id, **role.given())
    return Role.of(role_queries.describe(request.actor, role_id))


@roles.delete("/{int:role_id}/")
def delete_role(request: Call, role_id: Id) -> None:
    """Elimina un rol. Needs `roles.manage`. 400 si alguien lo tiene, 409 si es un rol del sistema."""
    role_actions.delete(request.actor, role_id)


@roles.post("/{int:role_id}/add-permission/", status=200)
def add_permission(request: Call, role_id: Id, choice: PermissionChoice) -> PermissionAdded:
    """Da un permiso al rol; uno que ya tiene se queda. Needs `roles.manage`.

    400 si el permiso no existe, 403 si uno mismo no lo tiene.
    """
    added = role_actions.add_permission(request.actor, role_id, permission_id=choice.permission_id)
    return PermissionAdded(role=_summary(request, role_id), permission=added.name)


@roles.post("/{int:role_id}/remove-permission/", status=200)
def remove_permission(request: Call, role_id: Id, choice: PermissionChoice) -> PermissionRemoved:
    """Quita un permiso al rol. Needs `roles.manage`. 400 si no existe, 409 si es el rol del administrador."""
    role_actions.remove_permission(request.actor, role_id, permission_id=choice.permission_id)
    return PermissionRemoved(role=_summary(request, role_id))


def _summary(request: Call, role_id: int) -> RoleSummary:
    role = role_queries.describe(request.actor, role_id)
    return RoleSummary(id=role_id, name=role["name"], permissions_count=len(role["permissions"]))
