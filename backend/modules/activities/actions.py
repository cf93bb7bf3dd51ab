"""Changing activities, and the note that a change of stage leaves."""

from collections.abc import Collection
from datetime import datetime
from typing import TypedDict, Unpack

from backend.core import permissions
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Invalid
from backend.modules.activities import queries
from backend.modules.activities.models import Activity, Kind, Status
from backend.modules.contacts import actions as contact_actions
from backend.modules.contacts import queries as contacts
from backend.modules.contacts.models import Contact, Stage
from backend.modules.opportunities import queries as opportunities

ADD = permissions.declare("activities.add", "Create activities", roles={"manager", "sales"})
CHANGE = permissions.declare("activities.change", "Change activities", roles={"manager", "sales"})
DELETE = permissions.declare("activities.delete", "Delete activities", roles={"manager", "sales"})


class NotPending(Invalid):
    """Only an activity that is still to be done can be completed."""

    code = "activity_not_pending"
    field = "status"


class ActivityFields(TypedDict, total=False):
    """What can be given of an activity. `kind` is a value of `Kind`, `status` of `Status`.

    An `occurs_at` without a zone is in the workspace's.
    """

    kind: str
    subject: str
    description: str
    contact_id: int | None
    opportunity_id: int | None
    status: str
    occurs_at: datetime
    result: str


@action("activity.create", needs=ADD)
def create(actor: Actor, **fields: Unpack[ActivityFields]) -> Activity:
    """A new activity, created by the actor. Raises `UnknownContact`."""
    activity = Activity.objects.of(actor).new(created_by_id=actor.user_id)
    return _save(actor, activity, fields)


@action("activity.update", needs=CHANGE)
def update(
    actor: Actor, activity_id: int, *, kinds: Collection[str] = Kind.values, **fields: Unpack[ActivityFields]
) -> Activity:
    """Change the given fields of an activity of one of these kinds. Raises `NotFound` and `UnknownContact`."""
    return _save(actor, queries.visible_to(actor).filter(kind__in=kinds).lock(activity_id), fields)


@action("activity.complete", needs=CHANGE)
def complete(actor: Actor, activity_id: int, *, result: str) -> None:
    """Mark a pending activity as done, with its result. Raises `NotFound` and `NotPending`."""
    activity = queries.visible_to(actor).lock(activity_id)
    if activity.status != Status.PENDING:
        raise NotPending(status=activity.status)
    activity.status, activity.result = Status.COMPLETED, result
    activity.save()


@action("activity.delete", needs=DELETE)
def delete(actor: Actor, activity_id: int, *, kinds: Collection[str] = Kind.values) -> None:
    """Remove an activity of one of these kinds. Raises `NotFound`."""
    queries.visible_to(actor).filter(kind__in=kinds).lock(activity_id).delete()


@action("contact.move_stage", needs=contact_actions.CHANGE)
def move_contact_stage(actor: Actor, contact_id: int, *, stage: str) -> None:
    """Move a contact to another stage and leave a note that says from what to what. Raises `NotFound`.

    A contact that stands there already stays as it is, without a note.
    """
    contact: Contact = contacts.visible_to(actor).lock(contact_id)
    before = Stage(contact.stage)
    if before == stage:
        return
    contact_actions.update(actor, contact_id, stage=stage)
    Activity.objects.of(actor).create(
        created_by_id=actor.user_id,
        contact=contact,
        kind=Kind.NOTE,
        subject="Stage changed",
        description=f"Stage changed from {before.name} to {Stage(stage).name}",
    )


def _save(actor: Actor, activity: Activity, fields: ActivityFields) -> Activity:
    opportunity_id = fields.get("opportunity_id")
    if opportunity_id is not None:
        opportunities.check(actor, opportunity_id)
    contact_id = fields.get("contact_id")
    if contact_id is not None:
        contacts.check(actor, contact_id)
    if "occurs_at" in fields:
        fields["occurs_at"] = actor.local(fields["occurs_at"])
    for name, value in fields.items():
        setattr(activity, name, value)
    if not activity.is_unchanged:
        activity.save()
    return activity
