"""Changing contacts."""

from collections.abc import Collection
from typing import Any, Literal, TypedDict, Unpack

from django.db import IntegrityError, transaction

from backend.core import dependants, folding, permissions, search
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.constraints import violates
from backend.core.errors import Conflict, Invalid, NotFound
from backend.modules.companies import actions as companies
from backend.modules.companies import queries as company_queries
from backend.modules.companies.models import Company
from backend.modules.contacts import phones, queries
from backend.modules.contacts.models import Contact
from backend.modules.identity import queries as identity

ADD = permissions.declare("contacts.add", "Create contacts", roles={"manager", "sales"})
CHANGE = permissions.declare("contacts.change", "Change contacts", roles={"manager", "sales"})
DELETE = permissions.declare("contacts.delete", "Delete contacts", roles={"manager", "sales"})


Claim = Literal["email", "phone"]  # what one contact of a workspace holds at most


class EmailTaken(Conflict):
    code = "email_taken"
    field = "email"


class PhoneTaken(Conflict):
    """Another contact has this number. Fact: `phone`, in E.164."""

    code = "phone_taken"
    field = "phone"


class InvalidPhone(Invalid):
    """This is no number that could be called. Fact: `value`."""

    code = "invalid_phone"
    field = "phone"


class ContactHasOpenLeads(Conflict):
    """Open leads hold on to the contact. How many is not said: the caller may not see them."""

    code = "contact_has_open_leads"


class ContactHasOpenOpportunities(Conflict):
    """Open opportunities hold on to the contact. Fact: `opportunities`, how many."""

    code = "contact_has_open_opportunities"


class ContactFields(TypedDict, total=False):
    """What can be given of a contact.

    `company_id` is a company of the workspace, or None; `company_name` finds it without regard to case or accents, or
    makes it, and empty means no company.
    `kind` is a value of `Kind`, `stage` one of `Stage`. `assigned_to_id` is an active member of the workspace, or None.
    """

    kind: str
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
def create(actor: Actor, *, must_be_free: Collection[Claim] = (), **fields: Unpack[ContactFields]) -> Contact:
    """A new contact, created by the actor.

    An address or a number that another contact holds raises `EmailTaken` or `PhoneTaken` if it must be free; else the
    contact is stored with no claim on it. A phone that must be free is stored in E.164, or raises `InvalidPhone`.
    Raises `UnknownUser`.
    """
    contact = Contact.objects.of(actor).new(created_by_id=actor.user_id)
    return _save(actor, contact, dict(fields), must_be_free)


@action("contact.update", needs=CHANGE)
def update(
    actor: Actor, contact_id: int, *, must_be_free: Collection[Claim] = (), **fields: Unpack[ContactFields]
) -> Contact:
    """Change the given fields. Raises `NotFound`, and what `create` raises."""
    contact = queries.visible_to(actor).lock(contact_id)
    return _save(actor, contact, dict(fields), must_be_free)


@action("contact.delete", needs=DELETE)
def delete(actor: Actor, contact_id: int) -> None:
    """Remove the contact. Its activities and closed opportunities stay, unlinked.

    Raises `NotFound`, `ContactHasOpenLeads` and `ContactHasOpenOpportunities`.
    """
    contact = queries.visible_to(actor).lock(contact_id)
    found = dependants.of(actor, contact)
    if found["leads"]:
        raise ContactHasOpenLeads
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


def _save(actor: Actor, contact: Contact, fields: dict[str, Any], must_be_free: Collection[Claim]) -> Contact:
    if "company_name" in fields:
        contact.company = _company(actor, fields.pop("company_name"))
    if fields.get("company_id") is not None and not company_queries.exists(actor, fields["company_id"]):
        raise NotFound(record="company", id=fields["company_id"])
    if fields.get("assigned_to_id") not in (None, contact.assigned_to_id):
        identity.check_assignee(actor, fields["assigned_to_id"])
    if "phone" in must_be_free and "phone" in fields:
        fields["phone"] = _valid_phone(actor, fields["phone"])
    for name, value in fields.items():
        setattr(contact, name, value)
    if contact.is_unchanged:
        return contact
    if "email" in fields:
        _claim_email(actor, contact, must_be_free="email" in must_be_free)
    if "phone" in fields:
        _claim_phone(actor, contact, must_be_free="phone" in must_be_free)
    contact.search_text = _search_text(actor, contact)
    contact.name_text = search.text(contact.first_name, contact.last_name)
    _write(contact, must_be_free)
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


def _valid_phone(actor: Actor, phone: str) -> str:
    number = phones.e164(phone, actor.region)
    if number is None:
        raise InvalidPhone(value=phone)
    return number


def _claim_phone(actor: Actor, contact: Contact, *, must_be_free: bool) -> None:
    key = phones.e164(contact.phone, actor.region)
    if key and Contact.objects.of(actor).filter(phone_key=key).exclude(pk=contact.pk).exists():
        if must_be_free:
            raise PhoneTaken(phone=key)
        key = None
    contact.phone_key = key


def _write(contact: Contact, must_be_free: Collection[Claim]) -> None:
    """Save; where a parallel request took a claim between the check and the write, do as if the check had seen it."""
    while True:
        try:
            with transaction.atomic():
                return contact.save()
        except IntegrityError as error:
            if violates(error, Contact, "contacts_email"):
                if "email" in must_be_free:
                    raise EmailTaken(email=contact.email) from None
                contact.email_key = None
            elif violates(error, Contact, "contacts_phone"):
                if "phone" in must_be_free:
                    raise PhoneTaken(phone=contact.phone) from None
                contact.phone_key = None
            else:
                raise
