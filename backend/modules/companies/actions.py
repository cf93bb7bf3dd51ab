"""Changing companies."""

from collections.abc import Callable
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction

from backend.core import dependants, folding, permissions, search, turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.constraints import violates
from backend.core.errors import Conflict
from backend.modules.companies import queries
from backend.modules.companies.models import Company

ADD = permissions.declare("companies.add", "Create companies", roles={"manager", "sales"})
CHANGE = permissions.declare("companies.change", "Change companies", roles={"manager", "sales"})
DELETE = permissions.declare("companies.delete", "Delete companies", roles={"manager", "sales"})


_followers: list[Callable[[Actor, int], None]] = []


def tell_new_name(follow: Callable[[Actor, int], None]) -> None:
    """Have `follow(actor, company_id)` called after a company was renamed, in the same transaction."""
    _followers.append(follow)


class CompanyNameTaken(Conflict):
    code = "company_name_taken"
    field = "name"


class CompanyHasDependants(Conflict):
    """Contacts or opportunities hold on to the company. Facts: `contacts` and `opportunities`, how many."""

    code = "company_has_dependants"


class CompanyFields(TypedDict, total=False):
    """What can be given of a company. `industry` is a value of `Industry` or empty; `employees` a count or None."""

    name: str
    industry: str
    employees: int | None
    website: str
    phone: str
    address: str
    notes: str


@action("company.create", needs=ADD)
def create(actor: Actor, **fields: Unpack[CompanyFields]) -> Company:
    """A new company. Raises `CompanyNameTaken`."""
    company = Company.objects.of(actor).new(created_by_id=actor.user_id)
    return _save(actor, company, dict(fields))


@action("company.update", needs=CHANGE)
def update(actor: Actor, company_id: int, **fields: Unpack[CompanyFields]) -> Company:
    """Change the given fields. Raises `NotFound` and `CompanyNameTaken`."""
    return _save(actor, queries.visible_to(actor).lock(company_id), dict(fields))


@action("company.delete", needs=DELETE)
def delete(actor: Actor, company_id: int) -> None:
    """Remove a company. Raises `NotFound`, and `CompanyHasDependants` while anything holds on to it."""
    company = queries.visible_to(actor).lock(company_id)
    found = dependants.of(actor, company)
    if any(found.values()):
        raise CompanyHasDependants(contacts=found["contacts"], opportunities=found["opportunities"])
    company.delete()


@action("company.find_or_create")
def find_or_create(actor: Actor, *, name: str) -> Company:
    """The company of this name, without regard to case or accents, made if there is none.

    Needs `companies.add` only when it has to be made. Two callers at once get the same company.
    """
    found = queries.find_by_name(actor, name)
    if found is not None:
        return found
    turns.take(actor.workspace_id, f"company {folding.fold(name)}")  # no constraint tells names apart by accents alone
    found = queries.find_by_name(actor, name)
    if found is not None:
        return found
    try:
        return create(actor, name=name)
    except CompanyNameTaken:
        return Company.objects.of(actor).get(name_key=folding.key(name))


def _save(actor: Actor, company: Company, fields: dict[str, Any]) -> Company:
    for name, value in fields.items():
        setattr(company, name, value)
    company.name = folding.squash(company.name)
    company.name_key = folding.key(company.name)
    company.folded_name = folding.fold(company.name)
    company.search_text = search.text(
        company.name, company.phone, company.address, company.notes, phones=(company.phone,)
    )
    if company.is_unchanged:
        return company
    is_renamed = company.pk is not None and "name" in company.pending_change().new
    try:
        with transaction.atomic():
            company.save()
    except IntegrityError as error:
        if violates(error, Company, "companies_name"):
            raise CompanyNameTaken(name=company.name) from None
        raise
    if is_renamed:
        for follow in _followers:
            follow(actor, company.pk)
    return company
