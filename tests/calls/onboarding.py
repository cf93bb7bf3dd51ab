from collections.abc import Callable
from typing import Any

from tests.calls import Call, World
from tests.people import PASSWORD


def is_problem(body: Any, status: int) -> bool:
    if status == 400 and "detail" not in body:
        return all(isinstance(sentences, list) for sentences in body.values())
    return set(body) == {"detail"} and isinstance(body["detail"], str)


def client(world: World) -> dict[str, Any]:
    return {
        "first_name": "Jane",
        "last_name": "Smith",
        "email": f"jane@{world.mark}.example.com",
        "assigned_to": world.owner.user.pk,
    }


def interaction(world: World) -> dict[str, Any]:
    return {
        "client": world.contact.pk,
        "interaction_type": "MEETING",
        "subject": "Product demo",
        "description": "Demonstrated all product features",
    }


def tokens(world: World) -> Any:
    from backend.modules.identity import tokens

    return tokens.issue(world.owner.user, world.owner.workspace.pk)


CALLS: dict[str, Callable[[World], Call]] = {
    "POST /api/token/": lambda world: Call(body={"username": world.owner.user.username, "password": PASSWORD}),
    "POST /api/token/refresh/": lambda world: Call(body={"refresh": tokens(world).refresh}),
    "GET /api/me/": lambda world: Call(),
    "GET /api/clients/": lambda world: Call(query={"assigned_to": world.owner.user.pk}, references=("assigned_to",)),
    "POST /api/clients/": lambda world: Call(body=client(world), references=("assigned_to",)),
    "GET /api/clients/{id}/": lambda world: Call(ids=(world.contact.pk,)),
    "PUT /api/clients/{id}/": lambda world: Call(
        ids=(world.contact.pk,), body=client(world), references=("assigned_to",)
    ),
    "PATCH /api/clients/{id}/": lambda world: Call(
        ids=(world.contact.pk,),
        body={"notes": "Called", "assigned_to": world.owner.user.pk},
        references=("assigned_to",),
    ),
    "DELETE /api/clients/{id}/": lambda world: Call(ids=(world.contact.pk,)),
    "PATCH /api/clients/{id}/update_stage/": lambda world: Call(ids=(world.contact.pk,), body={"stage": "ACTIVE"}),
    "GET /api/clients/by_stage/": lambda world: Call(query={"stage": "LEAD"}),
    "GET /api/interactions/": lambda world: Call(query={"client": world.contact.pk}, references=("client",)),
    "POST /api/interactions/": lambda world: Call(body=interaction(world), references=("client",)),
    "GET /api/interactions/{id}/": lambda world: Call(ids=(world.activity.pk,)),
    "PUT /api/interactions/{id}/": lambda world: Call(
        ids=(world.activity.pk,), body=interaction(world), references=("client",)
    ),
    "PATCH /api/interactions/{id}/": lambda world: Call(
        ids=(world.activity.pk,), body={"subject": "Another", "client": world.contact.pk}, references=("client",)
    ),
    "DELETE /api/interactions/{id}/": lambda world: Call(ids=(world.activity.pk,)),
    "GET /api/statistics/": lambda world: Call(),
}
