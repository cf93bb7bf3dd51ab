from collections.abc import Callable
from typing import Any

from backend.core.actor import Actor
from backend.modules.identity import tokens
from backend.modules.identity.models import Permission
from tests import make
from tests.calls import Call, World
from tests.people import PASSWORD

STRONG = f"{PASSWORD} of another day"


def is_problem(body: Any, status: int) -> bool:
    if not isinstance(body.get("error"), str) or not body["error"] or not body.keys() <= {"error", "details"}:
        return False
    details = body.get("details", {})
    return (status == 400 or not details) and all(isinstance(reasons, list) for reasons in details.values())


def refresh_token(world: World) -> str:
    return tokens.issue(world.owner.user, world.owner.workspace.pk).refresh


def code(world: World) -> Call:
    return Call(body={"code": make.code_of(world.owner.user)})


def set_up(world: World) -> Call:
    make.without_second_factor(world.owner.user)
    return Call()


def reset(world: World) -> Call:
    make.code_of(world.member.user)
    return Call(ids=(world.member.user.pk,))


def permission_to_manage_roles(world: World) -> dict[str, int]:
    """The one that whoever may give permissions holds."""
    found = Permission.objects.of(Actor.system(world.owner.workspace.pk)).get(codename="roles.manage")
    return {"permission_id": found.pk}


def person(world: World) -> dict[str, Any]:
    return {
        "email": f"ana@{world.mark}.example.com",
        "first_name": "Ana",
        "last_name": "Pérez",
        "phone": "+51 987 654 321",
        "profile": {"date_of_birth": "1990-01-01", "gender": "F", "city": "Lima"},
        "is_active": True,
    }


CALLS: dict[str, Callable[[World], Call]] = {
    "POST /api/auth/register/": lambda world: Call(
        body={
            "email": f"new@{world.mark}.example.com",
            "password": PASSWORD,
            "password_confirm": PASSWORD,
            "first_name": "Juan",
            "last_name": "Pérez",
        }
    ),
    "POST /api/auth/login/": lambda world: Call(body={"email": world.owner.user.email, "password": PASSWORD}),
    "POST /api/auth/logout/": lambda world: Call(body={"refresh": refresh_token(world)}),
    "POST /api/auth/password-recovery/": lambda world: Call(body={"email": world.member.user.email}),
    "POST /api/auth/password-reset/": lambda world: Call(
        body={
            "token": make.recovery_token(world.member.user),
            "new_password": STRONG,
            "new_password_confirm": STRONG,
        }
    ),
    "POST /api/auth/two-factor/": code,
    "POST /api/auth/two-factor/setup/": set_up,
    "POST /api/auth/two-factor/disable/": code,
    "POST /api/auth/two-factor/recovery-codes/": code,
    "GET /api/auth/health/": lambda world: Call(),
    "GET /api/users/": lambda world: Call(query={"search": world.mark, "page_size": 5}),
    "POST /api/users/": lambda world: Call(body=person(world) | {"password": PASSWORD}),
    "GET /api/users/{id}/": lambda world: Call(ids=(world.member.user.pk,)),
    "PUT /api/users/{id}/": lambda world: Call(ids=(world.member.user.pk,), body=person(world)),
    "PATCH /api/users/{id}/": lambda world: Call(ids=(world.member.user.pk,), body={"first_name": "Juana"}),
    "DELETE /api/users/{id}/": lambda world: Call(ids=(world.member.user.pk,)),
    "GET /api/users/me/": lambda world: Call(),
    "POST /api/users/change-password/": lambda world: Call(
        body={"old_password": PASSWORD, "new_password": STRONG, "new_password_confirm": STRONG}
    ),
    "POST /api/users/{id}/change-password/": lambda world: Call(
        ids=(world.owner.user.pk,),
        body={"old_password": PASSWORD, "new_password": STRONG, "new_password_confirm": STRONG},
    ),
    "POST /api/users/{id}/assign-role/": lambda world: Call(
        ids=(world.member.user.pk,), body={"role_id": world.role.pk}, references=("role_id",)
    ),
    "POST /api/users/{id}/reset-two-factor/": reset,
    "GET /api/users/stats/": lambda world: Call(),
    "GET /api/users/statistics/": lambda world: Call(),
    "GET /api/roles/": lambda world: Call(query={"page_size": 5}),
    "POST /api/roles/": lambda world: Call(body={"name": f"Another of {world.mark}", "permissions": []}),
    "GET /api/roles/{id}/": lambda world: Call(ids=(world.role.pk,)),
    "PUT /api/roles/{id}/": lambda world: Call(ids=(world.role.pk,), body={"description": f"For {world.mark}"}),
    "DELETE /api/roles/{id}/": lambda world: Call(ids=(world.role.pk,)),
    "POST /api/roles/{id}/add-permission/": lambda world: Call(
        ids=(world.role.pk,), body=permission_to_manage_roles(world), references=("permission_id",)
    ),
    "POST /api/roles/{id}/remove-permission/": lambda world: Call(
        ids=(world.role.pk,), body=permission_to_manage_roles(world), references=("permission_id",)
    ),
    "GET /api/roles/stats/": lambda world: Call(),
    "GET /api/roles/statistics/": lambda world: Call(),
    "GET /api/roles/permissions/": lambda world: Call(query={"page_size": 5}),
    "GET /api/permissions/": lambda world: Call(query={"page_size": 5}),
    "POST /api/permissions/": lambda world: Call(
        body={"name": "Can view properties", "codename": f"view_properties_of_{world.mark}"}
    ),
    "DELETE /api/permissions/{id}/": lambda world: Call(ids=(world.permission.pk,)),
}
