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


def contract(world: World) -> dict[str, Any]:
    return {
        "title": f"Lease of {world.mark}",
        "contract_type": "Lease",
        "client_name": world.mark,
        "contract_value": "50000.00",
        "commission_rate": "5.00",
        "start_date": "2026-02-01",
        "end_date": "2027-01-31",
    }


PAYMENT = {"payment_type": "Enganche", "amount": "500.00", "due_date": "2027-01-15"}


def of_payment(world: World) -> tuple[int, int]:
    return world.payment.contract_id, world.payment.pk


def of_document(world: World) -> tuple[int, int]:
    return world.document.contract_id, world.document.pk


def of_note(world: World) -> tuple[int, int]:
    return world.note.contract_id, world.note.pk


def of_talk(world: World) -> tuple[int]:
    return (world.talk.conversation,)


def of_message(world: World) -> tuple[int]:
    return (world.talk.message,)


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
    "GET /api/contratos/": lambda world: Call(query={"search": world.mark, "page_size": 5}),
    "POST /api/contratos/": lambda world: Call(
        body=contract(world) | {"contact_id": world.contact.pk, "opportunity_id": world.opportunity.pk},
        references=("contact_id", "opportunity_id"),
    ),
    "GET /api/contratos/{id}/": lambda world: Call(ids=(world.contract.pk,)),
    "PUT /api/contratos/{id}/": lambda world: Call(
        ids=(world.contract.pk,),
        body={"contact_id": world.contact.pk, "opportunity_id": world.opportunity.pk},
        references=("contact_id", "opportunity_id"),
    ),
    "GET /api/contratos/stats/": lambda world: Call(),
    "GET /api/contratos/expiring/": lambda world: Call(query={"days": 15}),
    "POST /api/contratos/generate-mock/": lambda world: Call(body={"count": 2}),
    "POST /api/contratos/{id}/payments/": lambda world: Call(ids=(world.contract.pk,), body=PAYMENT),
    "POST /api/contratos/{id}/payments/schedule/": lambda world: Call(
        ids=(world.contract.pk,), body={"instalments": 3, "first_due_date": "2027-01-31"}
    ),
    "PUT /api/contratos/{id}/payments/{id}/": lambda world: Call(ids=of_payment(world), body={"amount": "75.50"}),
    "POST /api/contratos/{id}/payments/{id}/pay/": lambda world: Call(ids=of_payment(world), body={}),
    "DELETE /api/contratos/{id}/payments/{id}/": lambda world: Call(ids=of_payment(world)),
    "POST /api/contratos/{id}/notes/": lambda world: Call(
        ids=(world.contract.pk,), body={"note_type": "Legal", "content": f"Read by {world.mark}"}
    ),
    "PUT /api/contratos/{id}/notes/{id}/": lambda world: Call(ids=of_note(world), body={"content": "Read twice"}),
    "DELETE /api/contratos/{id}/notes/{id}/": lambda world: Call(ids=of_note(world)),
    "GET /api/contratos/settings/": lambda world: Call(),
    "PUT /api/contratos/settings/": lambda world: Call(body={"alert_days": [20, 5], "alert_at": "09:30"}),
    "POST /api/contratos/{id}/documents/presign/": lambda world: Call(
        ids=(world.contract.pk,),
        body={"filename": f"{world.mark}.pdf", "content_type": "application/pdf", "size": 52_428},
    ),
    "POST /api/contratos/{id}/documents/": lambda world: Call(
        ids=(world.contract.pk,),
        body={"key": world.document_upload, "title": f"Read by {world.mark}", "document_type": "Contrato"},
        references=("key",),
    ),
    "DELETE /api/contratos/{id}/documents/{id}/": lambda world: Call(ids=of_document(world)),
    "GET /api/mensajes/status/": lambda world: Call(),
    "POST /api/mensajes/status/": lambda world: Call(
        body={"status": "busy", "custom_message": f"Meeting about {world.mark}"}
    ),
    "GET /api/mensajes/online-users/": lambda world: Call(),
    "GET /api/contratos/{id}/pdf/": lambda world: Call(ids=(world.contract.pk,)),
    "GET /api/mensajes/conversations/": lambda world: Call(
        query={"search": world.mark, "about_type": "contact", "about_id": world.contact.pk}, references=("about_id",)
    ),
    "POST /api/mensajes/conversations/": lambda world: Call(
        body={
            "title": f"Casa de {world.mark}",
            "conversation_type": "group",
            "participants": [world.member.user.pk],
        },
        references=("participants",),
    ),
    "GET /api/mensajes/conversations/{id}/": lambda world: Call(ids=of_talk(world)),
    "POST /api/mensajes/conversations/{id}/read/": lambda world: Call(
        ids=of_talk(world), body={"message": world.talk.message}, references=("message",)
    ),
    "POST /api/mensajes/conversations/{id}/participants/": lambda world: Call(
        ids=of_talk(world), body={"participants": [world.owner.user.pk]}, references=("participants",)
    ),
    "DELETE /api/mensajes/conversations/{id}/participants/{id}/": lambda world: Call(
        ids=(world.talk.conversation, world.member.user.pk)
    ),
    "POST /api/mensajes/conversations/{id}/attachments/presign/": lambda world: Call(
        ids=of_talk(world), body={"filename": f"{world.mark}.pdf", "content_type": "application/pdf", "size": 52_428}
    ),
    "GET /api/mensajes/conversations/{id}/messages/": lambda world: Call(
        ids=of_talk(world),
        query={"before": world.talk.message, "after": world.talk.message, "page_size": 5},
        references=("before", "after"),
    ),
    "POST /api/mensajes/conversations/{id}/messages/": lambda world: Call(
        ids=of_talk(world),
        body={
            "message_type": "file",
            "content": f"Read by {world.mark}",
            "attachment": world.talk.upload,
            "reply_to": world.talk.message,
        },
        references=("attachment", "reply_to"),
    ),
    "GET /api/mensajes/messages/{id}/": lambda world: Call(ids=of_message(world)),
    "PUT /api/mensajes/messages/{id}/": lambda world: Call(
        ids=of_message(world), body={"content": f"Written anew to {world.mark}"}
    ),
    "DELETE /api/mensajes/messages/{id}/": lambda world: Call(ids=of_message(world)),
    "POST /api/mensajes/messages/{id}/reactions/": lambda world: Call(
        ids=of_message(world), body={"reaction_type": "love"}
    ),
    "DELETE /api/mensajes/messages/{id}/reactions/{id}/": lambda world: Call(ids=(world.talk.message, "like")),
    "GET /api/mensajes/stats/": lambda world: Call(),
    "GET /api/mensajes/search/": lambda world: Call(
        query={"q": world.mark, "conversation_id": world.talk.conversation}, references=("conversation_id",)
    ),
}
