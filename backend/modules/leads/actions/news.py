"""Telling people what happens to leads that are theirs."""

from uuid import uuid4

from backend.core.actor import Actor
from backend.core.recording import Change
from backend.modules.identity.actions import telling
from backend.modules.leads.models import Lead
from backend.modules.leads.queries import SUBJECT
from backend.modules.notifications.actions import Subject

EXCERPT = 300  # characters of what was written


def tell_of_status(actor: Actor, action: str, changes: list[Change]) -> None:
    """In the transaction of an action: whose lead somebody else moved to another status is told so.

    What the server itself does tells nobody, and who is given the lead by the same action is told of that alone.
    """
    if actor.is_system:
        return
    for change in changes:
        if change.model is Lead and change.kind == "updated" and "status" in change.new:
            lead = Lead.objects.of(actor).get(pk=change.record_id)
            if lead.assigned_to_id != actor.user_id and "assigned_to_id" not in change.new:
                facts = {"by": actor.username, "before": change.old["status"], "after": change.new["status"]}
                _tell(actor, lead, "lead_status", facts)


def tell_of_new(actor: Actor, lead: Lead) -> None:
    """Whose lead it became is told that it came in."""
    _tell(actor, lead, "lead_received", {"channel": lead.channel, "text": _excerpt(lead.sales_notes)})


def tell_of_message(actor: Actor, lead: Lead, text: str) -> None:
    """Whose lead it is is told that its client wrote again."""
    _tell(actor, lead, "lead_message", {"text": _excerpt(text)})


def _tell(actor: Actor, lead: Lead, kind: str, facts: dict[str, str]) -> None:
    if lead.assigned_to_id is not None:
        telling.tell(
            actor,
            lead.assigned_to_id,
            key=f"{kind}/{uuid4().hex}",  # each is an event of its own, and written once: with what it is about
            kind=kind,
            facts={"name": str(lead.contact or f"#{lead.pk}"), **facts},
            subject=Subject(SUBJECT, lead.pk),
        )


def _excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"
