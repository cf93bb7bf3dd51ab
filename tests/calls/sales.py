from collections.abc import Callable
from typing import Any

from backend.dialects.sales import Sales
from tests.calls import Call, World
from tests.people import PASSWORD

MONTHS = {"fecha_inicio": "2026-01-01", "fecha_fin": "2026-12-31", "agrupar_por": "mes"}
OF_RECORDS = ("cliente_id", "empresa_id")
OF_ACTIVITIES = ("cliente_id", "oportunidad_id")


def is_problem(body: Any, status: int) -> bool:
    if list(body) != ["success", "error"] or list(body["error"]) != ["code", "message", "details"]:
        return False
    codes = {Sales.CODES[status]} | ({"INVALID_CREDENTIALS"} if status == 401 else set())
    return (
        body["success"] is False
        and body["error"]["code"] in codes
        and bool(body["error"]["message"])
        and all(isinstance(reasons, list) for reasons in body["error"]["details"].values())
    )


def user(world: World) -> dict[str, Any]:
    return {
        "nombre_completo": f"Ana {world.mark}",
        "username": f"ana-{world.mark}",
        "email": f"ana@{world.mark}.example.com",
        "password": PASSWORD,
        "password_confirm": PASSWORD,
        "tipo": "regular",
    }


def refresh_token(world: World) -> str:
    from backend.modules.identity import tokens

    return tokens.issue(world.owner.user, world.owner.workspace.pk).refresh


def client(world: World) -> dict[str, Any]:
    return {
        "nombre_completo": "Ana María Pérez",
        "empresa_id": world.company.pk,
        "telefono": "+51 987 654 321",
        "email": f"ana@{world.mark}.example.com",
    }


def records(world: World) -> dict[str, Any]:
    return {"cliente_id": world.contact.pk, "empresa_id": world.company.pk}


def opportunity(world: World) -> dict[str, Any]:
    return records(world) | {
        "nombre": "Licencias 2026",
        "valor": "12500.00",
        "moneda": "PEN",
        "probabilidad": 25,
        "fecha_cierre_estimada": "2026-12-31",
        "etapa": "calificacion",
        "responsable_id": world.owner.user.pk,
    }


def held(world: World) -> dict[str, Any]:
    return {"cliente_id": world.contact.pk, "oportunidad_id": world.opportunity.pk}


def activity(world: World) -> dict[str, Any]:
    return held(world) | {"tipo": "llamada", "asunto": "Seguimiento", "fecha_hora": "2026-12-01T15:00:00Z"}


CALLS: dict[str, Callable[[World], Call]] = {
    "POST /api/v1/auth/register/": lambda world: Call(body=user(world)),
    "POST /api/v1/auth/login/": lambda world: Call(body={"username": world.owner.user.username, "password": PASSWORD}),
    "POST /api/v1/auth/refresh/": lambda world: Call(body={"refresh": refresh_token(world)}),
    "GET /api/v1/auth/usuarios/": lambda world: Call(),
    "POST /api/v1/empresas/": lambda world: Call(body={"nombre": f"Another {world.mark}", "industria": "comercio"}),
    "GET /api/v1/empresas/": lambda world: Call(query={"page_size": 5}),
    "GET /api/v1/empresas/{id}/": lambda world: Call(ids=(world.company.pk,)),
    "PATCH /api/v1/empresas/{id}/": lambda world: Call(ids=(world.company.pk,), body={"num_empleados": 250}),
    "DELETE /api/v1/empresas/{id}/": lambda world: Call(ids=(world.empty_company.pk,)),
    "GET /api/v1/empresas/export/": lambda world: Call(),
    "POST /api/v1/clientes/": lambda world: Call(body=client(world), references=("empresa_id",)),
    "GET /api/v1/clientes/": lambda world: Call(query={"empresa_id": world.company.pk}, references=("empresa_id",)),
    "GET /api/v1/clientes/{id}/": lambda world: Call(ids=(world.contact.pk,)),
    "PATCH /api/v1/clientes/{id}/": lambda world: Call(
        ids=(world.contact.pk,),
        body={"cargo": "Gerente", "empresa_id": world.company.pk},
        references=("empresa_id",),
    ),
    "DELETE /api/v1/clientes/{id}/": lambda world: Call(ids=(world.contact.pk,)),
    "GET /api/v1/clientes/export/": lambda world: Call(
        query={"empresa_id": world.company.pk}, references=("empresa_id",)
    ),
    "POST /api/v1/oportunidades/": lambda world: Call(
        body=opportunity(world), references=(*OF_RECORDS, "responsable_id")
    ),
    "GET /api/v1/oportunidades/": lambda world: Call(query=records(world), references=OF_RECORDS),
    "GET /api/v1/oportunidades/{id}/": lambda world: Call(ids=(world.opportunity.pk,)),
    "PATCH /api/v1/oportunidades/{id}/": lambda world: Call(
        ids=(world.opportunity.pk,),
        body=records(world) | {"notas": "Llamar", "responsable_id": world.owner.user.pk},
        references=(*OF_RECORDS, "responsable_id"),
    ),
    "DELETE /api/v1/oportunidades/{id}/": lambda world: Call(ids=(world.opportunity.pk,)),
    "GET /api/v1/oportunidades/pipeline/": lambda world: Call(query=records(world), references=OF_RECORDS),
    "PATCH /api/v1/oportunidades/{id}/actualizar-etapa/": lambda world: Call(
        ids=(world.opportunity.pk,), body={"etapa": "negociacion", "notas": "Pidió otra propuesta"}
    ),
    "GET /api/v1/oportunidades/export/": lambda world: Call(query=records(world), references=OF_RECORDS),
    "POST /api/v1/actividades/": lambda world: Call(body=activity(world), references=OF_ACTIVITIES),
    "GET /api/v1/actividades/": lambda world: Call(query=held(world), references=OF_ACTIVITIES),
    "GET /api/v1/actividades/{id}/": lambda world: Call(ids=(world.activity.pk,)),
    "PATCH /api/v1/actividades/{id}/": lambda world: Call(
        ids=(world.activity.pk,), body=held(world) | {"asunto": "Otro"}, references=OF_ACTIVITIES
    ),
    "DELETE /api/v1/actividades/{id}/": lambda world: Call(ids=(world.activity.pk,)),
    "PATCH /api/v1/actividades/{id}/completar/": lambda world: Call(
        ids=(world.activity.pk,), body={"resultado": "Pidió una propuesta"}
    ),
    "GET /api/v1/actividades/export/": lambda world: Call(query=held(world), references=OF_ACTIVITIES),
    "GET /api/v1/reportes/dashboard/": lambda world: Call(),
    "GET /api/v1/reportes/ventas/": lambda world: Call(query=MONTHS),
    "GET /api/v1/reportes/conversion/": lambda world: Call(),
    "GET /api/v1/reportes/clientes-por-empresa/": lambda world: Call(),
    "POST /api/v1/empresas/export/": lambda world: Call(query={"search": world.mark}, body={"formato": "xlsx"}),
    "POST /api/v1/clientes/export/": lambda world: Call(
        query={"empresa_id": world.company.pk}, body={"formato": "csv"}, references=("empresa_id",)
    ),
    "POST /api/v1/oportunidades/export/": lambda world: Call(
        query=records(world), body={"formato": "csv"}, references=OF_RECORDS
    ),
    "POST /api/v1/actividades/export/": lambda world: Call(
        query=held(world), body={"formato": "csv"}, references=OF_ACTIVITIES
    ),
}
