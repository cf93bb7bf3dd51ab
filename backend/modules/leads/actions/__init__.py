"""Changing leads."""

from typing import Any, TypedDict, Unpack

from django.db.models import Q
from django.utils import timezone

from backend.core import search
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.recording import Change
from backend.modules.contacts import phones
from backend.modules.contacts import queries as contacts
from backend.modules.contacts.models import Contact
from backend.modules.identity import queries as identity
from backend.modules.leads import errors, queries
from backend.modules.leads.actions import news, rotation
from backend.modules.leads.models import STEPS, Lead
from backend.modules.leads.permissions import ADD, ADMIN_NOTES, ASSIGN, CHANGE, DELETE, VIEW_ALL

FOUND_BY = {"first_name", "last_name", "email", "phone"}  # of a contact


class LeadFields(TypedDict, total=False):
    """What can be given of a lead. `status` and `channel` are values of `Status` and `Channel`.

    `assigned_to_id` is an active member of the workspace, or None.
    """

    contact_id: int
    channel: str
    status: str
    assigned_to_id: int | None
    admin_notes: str
    sales_notes: str


@action("lead.create", needs=ADD)
def create(actor: Actor, **fields: Unpack[LeadFields]) -> Lead:
    """A new lead of a contact. Of who sees but their own it is theirs; who holds `leads.assign` gives it to anybody.

    Where somebody else names no assignee at all, it goes by turns, if the workspace shares its leads out so.
    Raises `UnknownContact`, `UnknownUser`, `AdminNotesReserved`, and `PermissionDenied` for another assignee.
    """
    lead: Lead = Lead.objects.of(actor).new(created_by_id=actor.user_id)
    if not actor.may(VIEW_ALL):
        lead.assigned_to_id = actor.user_id
    elif "assigned_to_id" not in fields:
        lead.assigned_to_id = rotation.next_assignee(actor)
    return _save(actor, lead, fields)


@action("lead.receive", needs=ADD)
def receive(actor: Actor, contact_id: int, *, channel: str, text: str) -> Lead:
    """What a contact wrote by themselves: about the newest of their leads that is open, or else in a new one.

    A new one has the text in the notes for sales, and goes by turns where the workspace shares its leads out so. Whose
    lead it is is told. Of several at once one comes first: the contact is locked. Raises `NotFound`.
    """
    contacts.hold(actor, contact_id)
    found: Lead | None = queries.newest_open(actor, contact_id)
    if found is not None:
        news.tell_of_message(actor, found, text)
        return found
    lead: Lead = Lead.objects.of(actor).new(assigned_to_id=rotation.next_assignee(actor))
    _save(actor, lead, {"contact_id": contact_id, "channel": channel, "sales_notes": text})
    news.tell_of_new(actor, lead)
    return lead


@action("lead.update", needs=CHANGE)
def update(actor: Actor, lead_id: int, **fields: Unpack[LeadFields]) -> Lead:
    """Change the given fields. Raises `NotFound`, `Stale`, and what `create` raises."""
    return _save(actor, queries.visible_to(actor).lock(lead_id), fields)


@action("lead.set_status", needs=CHANGE)
def set_status(actor: Actor, lead_id: int, *, status: str) -> Lead:
    """Say how far it is. Raises `NotFound` and `Stale`."""
    return _save(actor, queries.visible_to(actor).lock(lead_id), {"status": status})


@action("lead.assign", needs=ASSIGN)
def assign(actor: Actor, lead_id: int, *, user_id: int | None) -> Lead:
    """Give it to a member, or to nobody. Raises `NotFound`, `Stale` and `UnknownUser`."""
    return _save(actor, queries.visible_to(actor).lock(lead_id), {"assigned_to_id": user_id})


@action("lead.delete", needs=DELETE)
def delete(actor: Actor, lead_id: int) -> None:
    """Remove a lead; the ledger keeps what it was. Raises `NotFound` and `Stale`."""
    queries.visible_to(actor).lock(lead_id).delete()


def follow_contacts(actor: Actor, action: str, changes: list[Change]) -> None:
    """In the transaction of an action that changed what the leads of a contact are found by, or took it away."""
    for change in changes:
        if change.model is Contact and change.kind == "updated" and FOUND_BY & change.new.keys():
            follow_contact(actor, those=Q(contact_id=change.record_id))
    unlinked = [change.record_id for change in changes if change.model is Lead and change.new == {"contact_id": None}]
    if unlinked:
        follow_contact(actor, those=Q(pk__in=unlinked))


@action("lead.follow_contact")
def follow_contact(actor: Actor, *, those: Q) -> None:
    """Have these leads found by the name and the numbers that their contacts have now."""
    rows = Lead.objects.of(actor)
    leads = list(rows.filter(those).select_for_update(of=("self",)).order_by("id"))
    for lead in leads:
        lead.search_text = _search_text(actor, lead)
    rows.bulk_update(leads, ["search_text"], batch_size=200)


def _save(actor: Actor, lead: Lead, fields: LeadFields) -> Lead:
    given: dict[str, Any] = dict(fields)
    if given.get("contact_id") not in (None, lead.contact_id):
        contacts.check(actor, given["contact_id"])
    if given.get("assigned_to_id", lead.assigned_to_id) != lead.assigned_to_id:
        _check_assignee(actor, lead, given["assigned_to_id"])
    if given.get("admin_notes", lead.admin_notes) != lead.admin_notes and not actor.may(ADMIN_NOTES):
        raise errors.AdminNotesReserved(permission=ADMIN_NOTES)
    for name, value in given.items():
        setattr(lead, name, value)
    if not lead._state.adding and lead.is_unchanged:
        return lead
    now = max(timezone.now(), lead.created_at) if lead.pk else lead.created_at
    for step in STEPS.get(lead.status, ()):
        if getattr(lead, step) is None:
            setattr(lead, step, now)
    lead.search_text = _search_text(actor, lead)
    lead.save()
    return lead


def _check_assignee(actor: Actor, lead: Lead, user_id: int | None) -> None:
    actor.require(ASSIGN)
    if user_id is not None:
        identity.check_assignee(actor, user_id)


def _search_text(actor: Actor, lead: Lead) -> str:
    contact = Contact.objects.of(actor).filter(pk=lead.contact_id).first()
    if contact is None:
        return search.text(lead.admin_notes, lead.sales_notes)
    numbers = (contact.phone, phones.e164(contact.phone, actor.region))
    return search.text(str(contact), contact.phone, contact.email, lead.admin_notes, lead.sales_notes, phones=numbers)
