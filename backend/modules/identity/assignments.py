"""Whoever is assigned a record by somebody else is told so: of many that one action assigns, once.

Modules declare which of their records are assigned; it is read off what an action changed, in its transaction. What
the server itself assigns, as an import does, tells nobody.
"""

from collections import defaultdict
from typing import NamedTuple
from uuid import uuid4

from backend.core.actor import Actor
from backend.core.recording import Change
from backend.core.tenancy import WorkspaceModel
from backend.modules.identity.actions import telling
from backend.modules.notifications.actions import Subject

FIELD = "assigned_to_id"
_subjects: dict[type, str] = {}


class Assigned(NamedTuple):
    model: type[WorkspaceModel]
    record_id: int


def declare(model: type[WorkspaceModel], subject: str) -> None:
    """Have the member told whom `assigned_to_id` of such a record begins to name; `subject` is what it is called."""
    _subjects[model] = subject


def tell(actor: Actor, action: str, changes: list[Change]) -> None:
    """Tell each who was assigned something by somebody else."""
    if actor.is_system:
        return
    for user_id, assigned in _by_assignee(changes).items():
        if user_id != actor.user_id:
            _tell(actor, user_id, assigned)


def _by_assignee(changes: list[Change]) -> dict[int, list[Assigned]]:
    """What each was assigned, every record once and at the one whom it named last."""
    last: dict[Assigned, int | None] = {}
    for change in changes:
        if change.model in _subjects and FIELD in change.new:
            last[Assigned(change.model, change.record_id)] = change.new[FIELD]  # type: ignore[arg-type]
    found = defaultdict(list)
    for assigned, user_id in last.items():
        if user_id is not None:
            found[user_id].append(assigned)
    return found


def _tell(actor: Actor, user_id: int, assigned: list[Assigned]) -> None:
    model, record_id = assigned[0]
    record = model.objects.of(actor).filter(pk=record_id).first()
    subject = Subject(_subjects[model], record_id)
    telling.tell(
        actor,
        user_id,
        key=f"assignment/{uuid4().hex}",  # each is an event of its own, and written once: with what it is about
        kind="assignment",
        facts={
            "by": actor.username,
            "subject": subject.kind,
            "name": str(record),
            "count": str(len(assigned)) if len(assigned) > 1 else "",
        },
        subject=subject if len(assigned) == 1 else None,
    )
