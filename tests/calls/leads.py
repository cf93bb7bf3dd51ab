from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tests.calls import Call, World, leads_intake
from tests.people import PASSWORD


def is_problem(body: Any, status: int) -> bool:
    if set(body) != {"detail"}:
        return False
    if status != 422:
        return isinstance(body["detail"], str) and bool(body["detail"])
    return bool(body["detail"]) and all(
        set(each) == {"loc", "msg", "type"} and each["loc"][0] in ("body", "query") for each in body["detail"]
    )


def client(world: World) -> dict[str, Any]:
    return {
        "client_type": "natural",
        "contact_name": f"Juan Pérez de {world.mark}",
        "phone": "+58 412-345 6781",
        "email": f"juan@{world.mark}.example.com",
        "address": "Calle Principal 123",
    }


def spelled(world: World) -> str:
    """The contact's phone in another spelling than it is kept in."""
    digits = world.contact.phone.removeprefix("+58 412-")
    return f"+58 (412) {digits[:3]}.{digits[3:]}"


def lead(world: World) -> dict[str, Any]:
    return {"client_id": world.contact.pk, "channel": "web", "status": "new", "sales_notes": "Llamar el lunes"}


def assigned(world: World) -> dict[str, Any]:
    """Without `leads.assign` nobody gives a lead away."""
    return {"assigned_to": world.owner.user.pk}


def user(world: World) -> dict[str, Any]:
    return {"email": f"ana@{world.mark}.example.com", "full_name": "Ana Pérez", "is_active": True}


CALLS: dict[str, Callable[[World], Call]] = {
    "POST /auth/login": lambda world: Call(
        body={"grant_type": "password", "username": world.owner.user.username, "password": PASSWORD}, form=True
    ),
    "GET /auth/me": lambda world: Call(),
    "GET /users": lambda world: Call(query={"limit": 5}),
    "POST /users": lambda world: Call(
        body=user(world) | {"username": f"ana-{world.mark}", "password": PASSWORD, "role": world.role.name}
    ),
    "GET /users/{id}": lambda world: Call(ids=(world.member.user.pk,)),
    "PATCH /users/{id}": lambda world: Call(ids=(world.member.user.pk,), body={"full_name": "Ana María Pérez"}),
    "DELETE /users/{id}": lambda world: Call(ids=(world.member.user.pk,)),
    "GET /clients": lambda world: Call(query={"q": world.mark, "client_type": "natural", "limit": 5}),
    "POST /clients": lambda world: Call(body=client(world)),
    "GET /clients/search": lambda world: Call(query={"q": world.mark}),
    "GET /clients/by-phone/{id}": lambda world: Call(ids=(quote(spelled(world), safe=""),)),
    "GET /clients/{id}": lambda world: Call(ids=(world.contact.pk,)),
    "PATCH /clients/{id}": lambda world: Call(ids=(world.contact.pk,), body={"phone": "+58 412-345 6780"}),
    "DELETE /clients/{id}": lambda world: Call(ids=(world.contact.pk,)),
    "GET /leads": lambda world: Call(
        query={
            "client_id": world.contact.pk,
            "assigned_to": world.lead.assigned_to_id,
            "status": "closed",
            "ordering": "-created_at",
        },
        references=("client_id", "assigned_to"),
    ),
    "POST /leads": lambda world: Call(body=lead(world), references=("client_id",), also=assigned(world)),
    "GET /leads/stats": lambda world: Call(),
    "GET /leads/search": lambda world: Call(query={"q": world.mark, "limit": 5}),
    "GET /leads/dashboard": lambda world: Call(query={"group_by": "week"}),
    "POST /leads/export": lambda world: Call(
        query={"client_id": world.contact.pk, "assigned_to": world.lead.assigned_to_id},
        body={"format": "csv"},
        references=("client_id", "assigned_to"),
    ),
    "POST /clients/export": lambda world: Call(query={"q": world.mark}, body={"format": "csv"}),
    "GET /leads/{id}": lambda world: Call(ids=(world.lead.pk,)),
    "PATCH /leads/{id}": lambda world: Call(
        ids=(world.lead.pk,),
        body={"client_id": world.contact.pk, "sales_notes": "Llamar el martes"},
        references=("client_id",),
        also=assigned(world),
    ),
    "PATCH /leads/{id}/status": lambda world: Call(ids=(world.lead.pk,), body={"status": "quoted"}),
    "PATCH /leads/{id}/assign": lambda world: Call(
        ids=(world.lead.pk,), body={"user_id": world.owner.user.pk}, references=("user_id",)
    ),
    "DELETE /leads/{id}": lambda world: Call(ids=(world.lead.pk,)),
    "GET /audit-logs": lambda world: Call(
        query={"table": "leads", "record_id": world.lead.pk, "user_id": world.owner.user.pk, "action": "create"},
        references=("record_id", "user_id"),
    ),
    "GET /audit-logs/{id}": lambda world: Call(ids=(entry(world),)),
} | leads_intake.CALLS


def entry(world: World) -> int:
    """That of the lead's creation."""
    from backend.modules.ledger import queries

    return queries.of_record(world.owner.actor, "leads", world.lead.pk)[0].pk
