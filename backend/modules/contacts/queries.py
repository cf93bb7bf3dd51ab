"""Reading contacts."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, cast

from django.db.models import Count as CountRows
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat, Trim
from django.utils import timezone

from backend.core import folding, listing, permissions, search, tally
from backend.core.actor import Actor
from backend.core.compiled import CompiledRows
from backend.core.errors import Invalid, NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.contacts import phones
from backend.modules.contacts.models import Contact, Kind, Stage

EXPORT = permissions.declare("contacts.export", "Export contacts", roles={"manager", "sales"})
VIEW = permissions.declare("contacts.view", "Read contacts", roles={"manager", "sales", "user"})

ROW = ("first_name", "last_name", "email", "phone", "stage", "created_at", "updated_at")
DETAIL = (*ROW, "kind", "company_id", "address", "notes", "job_title", "created_by_id", "assigned_to_id", "version")
NAMES = {
    "company_name": Coalesce(F("company__name"), Value("")),  # empty means no company, as in the actions
    "created_by_name": F("created_by__username"),
    "assigned_to_name": F("assigned_to__username"),
}
ORDERINGS = {
    "created_at": "created_at",
    "updated_at": "updated_at",
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "stage": "stage",
    "id": "id",
}


class UnknownContact(Invalid):
    """A record refers to a contact that does not exist for the actor. Fact: `id`."""

    code = "unknown_contact"
    field = "contact_id"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of contacts can be narrowed by; None does not narrow.

    `name` is looked for in the names alone; days are the workspace's, both included.
    """

    search: str | None = None
    name: str | None = None
    kind: Kind | None = None
    stage: str | None = None
    assigned_to_id: int | None = None
    company_id: int | None = None
    created_from: date | None = None
    created_to: date | None = None

    @property
    def only_by_stage(self) -> bool:
        return self == Filters(stage=self.stage)


@dataclass(frozen=True, slots=True)
class Figures:
    """How many contacts there are, by stage (every stage, in order) and by the user name they are assigned to."""

    total: int
    by_stage: dict[str, int]
    by_assignee: dict[str, int]
    recent: int


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """Every contact of the workspace."""
    return Contact.objects.of(actor)


def page(actor: Actor, filters: Filters, wanted: listing.Window) -> listing.Page:
    """The contacts that match, newest first unless an ordering is wanted."""
    actor.require(VIEW)
    if filters == Filters() and wanted.is_near:
        count = listing.count_by_tally(actor, Contact, Stage.values)
        return listing.compiled_page(_everything(wanted.ordering), actor, wanted, count=count)
    rows = _filtered(actor, filters)
    ordered = listing.order(rows, wanted, ORDERINGS, default="-created_at")
    if filters.only_by_stage:
        count = listing.count_by_tally(actor, Contact, [filters.stage] if filters.stage else Stage.values)
    else:
        count = listing.count_up_to_bound(rows)
    return listing.page(ordered, wanted, count=count, fields=DETAIL, **NAMES)


@lru_cache(maxsize=64)
def _everything(ordering: str | None) -> CompiledRows:
    """What `page` shows where nothing narrows."""
    wanted = listing.Window(ordering=ordering)

    def build(actor: Actor) -> QuerySet:
        return listing.order(visible_to(actor), wanted, ORDERINGS, default="-created_at").values("id", *DETAIL, **NAMES)

    return CompiledRows(build)


def to_export(actor: Actor, filters: Filters) -> QuerySet:
    """The contacts that match, newest first, for a file. Beside the fields there are `NAMES` and `full_name`."""
    actor.require(EXPORT)
    full_name = Trim(Concat("first_name", Value(" "), "last_name"))
    return _filtered(actor, filters).annotate(full_name=full_name, **NAMES).order_by("-created_at", "-id")


def rows_by_stage(actor: Actor, stage: str | None) -> list[dict[str, Any]]:
    """All contacts of one stage, or of every stage, newest first."""
    actor.require(VIEW)
    rows = _filtered(actor, Filters(stage=stage)).order_by("-created_at", "-id")
    return list(rows.values("id", *ROW, **NAMES))


def rows_of_company(actor: Actor, company_id: int) -> list[dict[str, Any]]:
    """The contacts of one company, newest first; nothing for who may not read contacts."""
    if not actor.may(VIEW):
        return []
    rows = visible_to(actor).filter(company_id=company_id).order_by("-created_at", "-id")
    return list(rows.values("id", *DETAIL, **NAMES))


def get(actor: Actor, contact_id: int) -> dict[str, Any]:
    """One contact with its names. Raises `NotFound`."""
    actor.require(VIEW)
    return detail(actor, contact_id)


def detail(actor: Actor, contact_id: int) -> dict[str, Any]:
    """The same for who has just written it, whether or not they may read others. Raises `NotFound`."""
    found = visible_to(actor).filter(pk=contact_id).values("id", *DETAIL, **NAMES).first()
    if found is None:
        raise NotFound(record="contact", id=contact_id)
    return found


def exists(actor: Actor, contact_id: int) -> bool:
    return visible_to(actor).filter(pk=contact_id).exists()


def check(actor: Actor, contact_id: int) -> None:
    """Raises `UnknownContact` unless a record of the actor's can refer to this contact."""
    if not exists(actor, contact_id):
        raise UnknownContact(id=contact_id)


def hold(actor: Actor, contact_id: int) -> None:
    """Keep others who hold it from going on, and it from being deleted, until the transaction ends. Raises `NotFound`.

    Records may go on referring to it meanwhile: so who does waits for nothing that waits for them.
    """
    if not visible_to(actor).select_for_update(of=("self",), no_key=True).filter(pk=contact_id):
        raise NotFound(record="contact", id=contact_id)


def count_of_company(actor: Actor, company_id: int) -> int:
    return visible_to(actor).filter(company_id=company_id).count()


def find_by_email(actor: Actor, email: str) -> Contact | None:
    """The holder of the claim on this e-mail address."""
    return visible_to(actor).filter(email_key=folding.key(email)).first() if email else None


def find_by_phone(actor: Actor, phone: str) -> Contact | None:
    """The holder of the claim on this number, in any spelling."""
    number = phones.e164(phone, actor.region)
    return visible_to(actor).filter(phone_key=number).first() if number else None


def figures(actor: Actor, *, recent: timedelta) -> Figures:
    """The counts that statistics show, as of now. `recent` counts what was created within that time."""
    rows = visible_to(actor)
    kept = tally.totals(cast(int, actor.workspace_id), "contacts")["contacts"]
    by_stage = {stage.value: kept.get(stage, 0) for stage in Stage}
    assigned = rows.filter(~Q(assigned_to=None)).order_by("assigned_to__username")
    return Figures(
        total=sum(by_stage.values()),
        by_stage=by_stage,
        by_assignee=dict(assigned.values_list("assigned_to__username").annotate(rows=CountRows("id"))),
        recent=rows.filter(created_at__gte=timezone.now() - recent).count(),
    )


def _filtered(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    rows = visible_to(actor)
    if filters.search is not None:
        rows = search.narrow(rows, filters.search)
    if filters.name is not None:
        rows = search.narrow(rows, filters.name)  # by its index, and of those found
        for word in folding.fold(filters.name).split():
            rows = rows.filter(name_text__contains=word)
    if filters.kind is not None:
        rows = rows.filter(kind=filters.kind)
    if filters.stage is not None:
        rows = rows.filter(stage=filters.stage)
    if filters.company_id is not None:
        rows = rows.filter(company_id=filters.company_id)
    if filters.created_from is not None:
        rows = rows.filter(created_at__gte=actor.start_of(filters.created_from))
    if filters.created_to is not None:
        rows = rows.filter(created_at__lt=actor.end_of(filters.created_to))
    if filters.assigned_to_id is not None:
        rows = rows.filter(assigned_to_id=filters.assigned_to_id)
    return rows
