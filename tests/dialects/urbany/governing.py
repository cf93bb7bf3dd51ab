"""Users, roles and permissions, as the tests of this dialect ask for them."""

from typing import Any

from django.test import Client

from backend.core.actor import Actor
from backend.modules.identity.models import Permission, Role
from tests import people, stored

USERS, ROLES, PERMISSIONS = "/api/users/", "/api/roles/", "/api/permissions/"
STRONG = "tres tristes tigres 3"
DENIED = "No tiene permiso para realizar esta acción"
OWN_RIGHTS = "Nadie cambia sus propios roles ni se desactiva o elimina a sí mismo: lo hace otro administrador"
NOT_YOURS = "Solo la propia persona puede cambiar estos datos"
LAST_ADMINISTRATOR = "El espacio se quedaría sin ningún administrador activo"
MALFORMED = "Los datos proporcionados no son válidos"


def user(who: people.Person) -> str:
    """The address of a person's record."""
    return f"{USERS}{who.user.pk}/"


def role(place: Any, key: str) -> int:
    """The id of a built-in role."""
    return Role.objects.of(Actor.system(place.pk)).get(key=key).pk


def permission(place: Any, codename: str) -> int:
    return Permission.objects.of(Actor.system(place.pk)).get(codename=codename).pk


def permissions(place: Any, *codenames: str) -> list[int]:
    return [permission(place, codename) for codename in codenames]


def held_by(administrator: people.Person, who: people.Person) -> list[str]:
    """The codenames that an administrator sees a person hold."""
    return administrator.get(user(who)).json()["permissions"]


def log_in(email: str, password: str = people.PASSWORD) -> Any:
    body = {"email": email, "password": password}
    return Client().post("/api/auth/login/", body, content_type="application/json")


def of_both(here: Any, there: Any) -> dict[str, Any]:
    """All rows of two workspaces, to tell that nothing changed in either."""
    return {"here": stored.of_workspace(here.pk), "there": stored.of_workspace(there.pk)}
