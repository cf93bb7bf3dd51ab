"""Permisos (urbany.md, "Lista de Permisos", "Crear Permiso")."""

from ninja import Query
from pydantic import Field

from backend.dialects.columns import columns
from backend.dialects.kept_query import reading_all
from backend.dialects.pages import PageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import Address, FilledText, Id, Incoming, OrEmpty, Wire
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source
from backend.modules.identity.actions import roles as role_actions
from backend.modules.identity.queries import roles as role_queries
from backend.modules.identity.routers.urbany.shapes import NameOrEmpty

permissions = Resource(urbany, "/permissions", tag="Roles y permisos")


class PermissionIn(Incoming):
    read_only = frozenset({"id"})

    name: FilledText = Field(max_length=200, examples=["Can view properties"])
    codename: FilledText = Field(
        max_length=100, description="Letras sin acentos, cifras, «_» y «-»", examples=["view_properties"]
    )
    description: OrEmpty[Address] = Field("", examples=["Permite ver las propiedades"])
    content_type: OrEmpty[NameOrEmpty] = Field("", description="De qué trata", examples=["property"])


class Permission(Wire):
    id: int = Field(examples=[11])
    name: str = Field(examples=["Can view properties"])
    content_type: str = Field(examples=["property"])
    codename: str = Field(examples=["view_properties"])
    description: str = Field(examples=["Permite ver las propiedades"])


sources.declare(
    Source("urbany.permissions", "Permisos", reading_all(role_queries.permissions_to_export), columns(Permission))
)


@permissions.get("/")
def list_permissions(request: Call, wanted: Query[PageQuery]) -> ResultsPage[Permission]:
    """Los permisos que hay: los del sistema (`contacts.view`) y los propios del espacio. Needs `roles.view`."""
    return ResultsPage[Permission].of_page(request, role_queries.permission_page(request.actor, wanted.window()))


@permissions.post("/")
def create_permission(request: Call, permission: PermissionIn) -> Permission:
    """Crea un permiso propio del espacio, por el que sus aplicaciones preguntan. Needs `roles.manage`.

    Los administradores lo tienen enseguida. 400 si el `codename` ya existe o lleva otros signos.
    """
    made = role_actions.create_permission(request.actor, **permission.model_dump())
    return Permission.of(role_queries.describe_permission(request.actor, made.pk))


@permissions.delete("/{int:permission_id}/")
def delete_permission(request: Call, permission_id: Id) -> None:
    """Elimina un permiso propio del espacio; los roles lo pierden. Needs `roles.manage`. 409 si es del sistema."""
    role_actions.delete_permission(request.actor, permission_id)
