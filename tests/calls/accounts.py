from collections.abc import Callable
from typing import Any

from tests.calls import Call, World
from tests.people import PASSWORD

DAYS = {"from": "2026-01-01", "to": "2030-12-31"}


def is_problem(body: Any, status: int) -> bool:
    if list(body) != ["error"] or list(body["error"]) != ["code", "message", "details"]:
        return False
    code, details = body["error"]["code"], body["error"]["details"]
    return (
        code.isidentifier()
        and code.isupper()
        and bool(body["error"]["message"])
        and all(isinstance(reasons, list) for reasons in details.values())
        and (status == 400 or code != "VALIDATION_ERROR")
    )


def login(world: World) -> dict[str, Any]:
    return {"email": world.owner.user.email, "password": PASSWORD, "companyId": world.owner.workspace.pk}


def contact(world: World) -> dict[str, Any]:
    return {
        "firstName": "Ana María",
        "lastName": "Pérez",
        "email": f"ana@{world.mark}.example.com",
        "accountId": world.company.pk,
    }


def opportunity(world: World) -> dict[str, Any]:
    return {
        "accountId": world.company.pk,
        "title": "Licencias 2026",
        "amount": 12500.5,
        "stage": "Calificación",
        "contactId": world.contact.pk,
        "assignedTo": world.owner.user.pk,
    }


def upload(world: World) -> dict[str, Any]:
    return {"opportunityId": world.opportunity.pk, "filename": "oferta.pdf", "contentType": "application/pdf"}


CALLS: dict[str, Callable[[World], Call]] = {
    "POST /v1/auth/login": lambda world: Call(body=login(world)),
    "POST /v1/companies": lambda world: Call(body={"name": f"Another of {world.mark}"}),
    "POST /v1/users/invitations": lambda world: Call(
        body={"email": f"new@{world.mark}.example.com", "roles": [world.role.name]}
    ),
    "GET /v1/users/invitations": lambda world: Call(query={"size": 5}),
    "POST /v1/users/invitations/{id}/resend": lambda world: Call(ids=(world.invitation.pk,)),
    "DELETE /v1/users/invitations/{id}": lambda world: Call(ids=(world.invitation.pk,)),
    "POST /v1/users/accept-invitation": lambda world: Call(
        body={"token": world.invitation_token, "password": PASSWORD, "username": f"friend-{world.mark}"}
    ),
    "POST /v1/users/change-password": lambda world: Call(
        body={"currentPassword": PASSWORD, "newPassword": f"{PASSWORD} of another day"}
    ),
    "POST /v1/apikeys": lambda world: Call(body={"name": f"Another of {world.mark}"}),
    "GET /v1/apikeys": lambda world: Call(query={"size": 5}),
    "DELETE /v1/apikeys/{id}": lambda world: Call(ids=(world.key.pk,)),
    "POST /v1/accounts": lambda world: Call(body={"name": f"One more {world.mark}", "website": "https://acme.example"}),
    "GET /v1/accounts": lambda world: Call(query={"query": world.mark, "size": 5}),
    "GET /v1/accounts/{id}": lambda world: Call(ids=(world.company.pk,)),
    "PUT /v1/accounts/{id}": lambda world: Call(ids=(world.company.pk,), body={"name": f"{world.mark} SAC"}),
    "DELETE /v1/accounts/{id}": lambda world: Call(ids=(world.empty_company.pk,)),
    "POST /v1/contacts": lambda world: Call(body=contact(world), references=("accountId",)),
    "GET /v1/contacts": lambda world: Call(query={"accountId": world.company.pk}, references=("accountId",)),
    "GET /v1/contacts/{id}": lambda world: Call(ids=(world.contact.pk,)),
    "PUT /v1/contacts/{id}": lambda world: Call(
        ids=(world.contact.pk,), body=contact(world), references=("accountId",)
    ),
    "DELETE /v1/contacts/{id}": lambda world: Call(ids=(world.contact.pk,)),
    "POST /v1/opportunities": lambda world: Call(
        body=opportunity(world), references=("accountId", "contactId", "assignedTo")
    ),
    "GET /v1/opportunities": lambda world: Call(query={"accountId": world.company.pk}, references=("accountId",)),
    "GET /v1/opportunities/{id}": lambda world: Call(ids=(world.opportunity.pk,)),
    "PUT /v1/opportunities/{id}/stage": lambda world: Call(
        ids=(world.opportunity.pk,), body={"newStage": "Negociación", "reason": "Pidió otra propuesta"}
    ),
    "POST /v1/attachments/presign": lambda world: Call(body=upload(world), references=("opportunityId",)),
    "POST /v1/attachments/confirm": lambda world: Call(body={"key": world.upload}, references=("key",)),
    "GET /v1/attachments": lambda world: Call(
        query={"opportunityId": world.opportunity.pk}, references=("opportunityId",)
    ),
    "GET /v1/attachments/{id}": lambda world: Call(ids=(world.attachment.pk,)),
    "DELETE /v1/attachments/{id}": lambda world: Call(ids=(world.attachment.pk,)),
    "GET /v1/reports/top-accounts": lambda world: Call(query=DAYS | {"limit": 5}),
    "GET /v1/reports/stage-changes": lambda world: Call(query=DAYS | {"stage": "venta"}),
    "GET /health": lambda world: Call(),
    "GET /v1/health": lambda world: Call(),
    "GET /metrics": lambda world: Call(),
    "GET /v1/metrics": lambda world: Call(),
}
