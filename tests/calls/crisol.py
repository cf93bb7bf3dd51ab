from collections.abc import Callable
from typing import Any

from backend.core.actor import Actor
from backend.modules.notifications.models import OutboundEmail
from tests import make
from tests.calls import Call, World


def is_problem(body: Any, status: int) -> bool:
    if list(body) != ["error"] or list(body["error"]) != ["code", "message", "details"]:
        return False
    return bool(body["error"]["message"]) and all(isinstance(each, list) for each in body["error"]["details"].values())


def own_export(world: World) -> Call:
    """An export is its owner's: where somebody else stands in for the owner, they order one."""
    is_own = world.export.requested_by_id == world.owner.user.pk
    return Call(ids=((world.export if is_own else make.export(world.owner.actor)).pk,))


def own_subscription(world: World, **more: Any) -> Call:
    """Likewise."""
    is_own = world.subscription.user_id == world.owner.user.pk
    subscription = world.subscription if is_own else make.report_subscription(world.owner.actor)
    return Call(ids=(subscription.pk,), **more)


def own_notification(world: World) -> Call:
    """Likewise: who stands in for the owner is told of something."""
    is_own = world.notification.user_id == world.owner.user.pk
    return Call(ids=((world.notification if is_own else make.notification(world.owner.actor)).pk,))


def email(world: World) -> tuple[int]:
    """The mail of the invitation, which waits to be sent."""
    here = Actor.system(world.owner.workspace.pk)
    return (OutboundEmail.objects.of(here).get(key=f"invitation/{world.invitation.pk}/1").pk,)


CALLS: dict[str, Callable[[World], Call]] = {
    "POST /api/exports/": lambda world: Call(
        body={"source": "sales.empresas", "filters": {"search": world.mark}, "format": "xlsx"}
    ),
    "GET /api/exports/": lambda world: Call(query={"page_size": 5}),
    "GET /api/exports/sources/": lambda world: Call(),
    "GET /api/exports/{id}/": own_export,
    "POST /api/exports/{id}/cancel/": own_export,
    "GET /api/scheduled-reports/reports/": lambda world: Call(),
    "GET /api/scheduled-reports/": lambda world: Call(query={"page_size": 5}),
    "POST /api/scheduled-reports/": lambda world: Call(
        body={
            "report": "top_companies",
            "parameters": {"period": "last_month", "limit": 5},
            "cadence": "monthly",
            "day": 31,
            "time": "07:30",
            "time_zone": "America/Santiago",
            "is_active": True,
        }
    ),
    "GET /api/scheduled-reports/{id}/": own_subscription,
    "PATCH /api/scheduled-reports/{id}/": lambda world: own_subscription(world, body={"time": "18:45"}),
    "DELETE /api/scheduled-reports/{id}/": own_subscription,
    "GET /api/scheduled-reports/{id}/runs/": lambda world: own_subscription(world, query={"page_size": 5}),
    "POST /api/scheduled-reports/{id}/run/": own_subscription,
    "GET /api/notifications/": lambda world: Call(query={"unread": "true"}),
    "GET /api/notifications/{id}/": own_notification,
    "POST /api/notifications/{id}/read/": own_notification,
    "POST /api/notifications/read/": lambda world: Call(body={"up_to": world.notification.pk}),
    "GET /api/notifications/preferences/": lambda world: Call(),
    "PATCH /api/notifications/preferences/": lambda world: Call(
        body={"language": "en", "kinds": [{"kind": "assignment", "email": False}]}
    ),
    "GET /api/emails/": lambda world: Call(query={"state": "due"}),
    "GET /api/emails/{id}/": lambda world: Call(ids=email(world)),
    "POST /api/emails/{id}/resend/": lambda world: Call(ids=email(world)),
}
