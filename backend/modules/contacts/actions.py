"""Changing contacts."""

from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction

from backend.core import dependants, folding, permissions, search
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.constraints import violates
from backend.core.errors import Conflict, NotFound
from backend.modules.companies import actions as companies
from backend.modules.companies import queries as company_queries
from backend.modules.companies.models import Company
from backend.modules.contacts import phones, queries
from backend.modules.contacts.models import Contact
from backend.modules.identity import queries as identity

ADD = permissions.declare("contacts.add", "Create contacts", roles={"manager", "sales"})
CHANGE = permissions.declare("contacts.change", "Change contacts", roles={"manager", "sales"})
DELETE = permissions.declare("contacts.delete", "Delete contacts", roles={"manager", "sales"})


class EmailTaken(Conflict):
    code = "email_taken"
    field = "email"


class ContactHasOpenOpportunities(Conflict):
    """Open opportunities hold on to the contact. Fact: `opportunities`, how many."""

    code = "contact_has_open_opportunities"


class ContactFields(TypedDict, total=False):
    """What can be given of a contact.

    `company_id` is a company of the workspace, or None; `company_name` finds it without regard to case or accents, or
    makes it, and empty means no company.
    `stage` is a value of `Stage`. `assigned_to_id` is an active member of the workspace, or None.
    """

    first_name: str
    last_name: str
    email: str
    phone: str
    company_name: str
    company_id: int | None
    job_title: str
    address: str
    notes: str
    stage: str
    assigned_to_id: int | None


@action("contact.create", needs=ADD)
def create(actor: Actor, *, email_must_be_free: bool = False, **fields: Unpack[ContactFields]) -> Contact:
    """A new contact, created by the actor.

    With `email_must_be_free` an address that another contact holds raises `EmailTaken`; without it the contact is
    stored with no claim on it. Raises `UnknownUser`.
    """
    contact = Contact.objects.of(actor).new(created_by_id=actor.user_id)
    return _save(actor, contact, dict(fields), email_must_be_free=email_must_be_free)


@action("contact.update", needs=CHANGE)
def update(
    actor: Actor, contact_id: int, *, email_must_be_free: bool = False, **fields: Unpack[ContactFields]
) -> Contact:
    """Change the given fields. Raises `NotFound`, `EmailTaken` (see `create`) and `UnknownUser`."""
    contact = queries.visible_to(actor).lock(contact_id)
    return _save(actor, contact, dict(fields), email_must_be_free=email_must_be_free)


@action("contact.delete", needs=DELETE)
def delete(actor: Actor, contact_id: int) -> None:
    """Remove the contact. Its activities and closed opportunities stay, unlinked.

    Raises `NotFound`, and `ContactHasOpenOpportunities`.
    """
    contact = queries.visible_to(actor).lock(contact_id)
    found = dependants.of(actor, contact)
    if any(found.values()):
        raise ContactHasOpenOpportunities(opportunities=found["opportunities"])
    contact.delete()


@action("contact.follow_company_name")
def follow_company_name(actor: Actor, company_id: int) -> None:
    """Have the contacts of a company found by the name that it has now."""
    rows = Contact.objects.of(actor)
    locked = rows.filter(company_id=company_id).select_related("company").select_for_update(of=("self",))
    people = list(locked.order_by("id"))
    for contact in people:
        contact.search_text = _search_text(actor, contact)
    rows.bulk_update(people, ["search_text"], batch_size=200)


def _save(actor: Actor, contact: Contact, fields: dict[str, Any], *, email_must_be_free: bool) -> Contact:
    if "company_name" in fields:
        contact.company = _company(actor, fields.pop("company_name"))
    if fields.get("company_id") is not None and not company_queries.exists(actor, fields["company_id"]):
        raise NotFound(record="company", id=fields["company_id"])
    if fields.get("assigned_to_id") not in (None, contact.assigned_to_id):
        identity.check_assignee(actor, fields["assigned_to_id"])
    for name, value in fields.items():
        setattr(contact, name, value)
    if contact.is_unchanged:
        return contact
    if "email" in fields:
        _claim_email(actor, contact, must_be_free=email_must_be_free)
    if "phone" in fields:
        _claim_phone(actor, contact)
    contact.search_text = _search_text(actor, contact)
    _write(contact, email_must_be_free=email_must_be_free)
    return contact


def _search_text(actor: Actor, contact: Contact) -> str:
    return search.text(
        contact.first_name,
        contact.last_name,
        contact.email,
        contact.phone,
        contact.company.name if contact.company else "",
        contact.notes,
        phones=(contact.phone, phones.e164(contact.phone, actor.region)),
    )


def _company(actor: Actor, name: str) -> Company | None:
    return companies.find_or_create(actor, name=name) if folding.squash(name) else None


def _claim_email(actor: Actor, contact: Contact, *, must_be_free: bool) -> None:
    key = folding.key(contact.email) or None
    if key and Contact.objects.of(actor).filter(email_key=key).exclude(pk=contact.pk).exists():
        if must_be_free:
            raise EmailTaken(email=contact.email)
        key = None
    contact.email_key = key


def _claim_phone(actor: Actor, contact: Contact) -> None:
    key = phones.e164(contact.phone, actor.region)
    if key and Contact.objects.of(actor).filter(phone_key=key).exclude(pk=contact.pk).exists():
        key = None
    contact.phone_key = key


def _write(contact: Contact, *, email_must_be_free: bool) -> None:
    """Save; where a parallel request took a claim between the check and the write, do as if the check had seen it."""
    while True:
        try:
            with transaction.atomic():
                return contact.save()
        except IntegrityError as error:
            if violates(error, Contact, "contacts_email"):
                if email_must_be_free:
                    raise EmailTaken(email=contact.email) from None
                contact.email_key = None
            elif violates(error, Contact, "contacts_phone"):
                contact.phone_key = None
            else:
                raise
