"""Leads (leads.md, "Leads")."""

from datetime import datetime
from typing import Annotated, Any, Self

from ninja import Query
from pydantic import Field

from backend.core.actor import Actor
from backend.dialects.columns import columns
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.leads import Array, OrderedSkipQuery
from backend.dialects.leads import leads as dialect
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import Day, Id, Incoming, LongText, OrEmpty, Partial, Text, Versioned, Vocabulary, Wire
from backend.modules.exchange import sources
from backend.modules.exchange.routers.leads import ExportOrder, OrderedExport, ordered
from backend.modules.exchange.sources import Source
from backend.modules.leads import actions, queries

leads = Resource(dialect, "/leads", tag="Leads")

Channel = Annotated[str, Vocabulary({channel.value: channel for channel in queries.Channel})]
Status = Annotated[str, Vocabulary({status.value: status for status in queries.Status})]

ChangedField = Annotated[str, Vocabulary({"status": "status", "assigned_to": "assigned_to_id"})]


class FilterQuery(ListFilters):
    """The filters of the list."""

    term: Text = Field(
        "", alias="q", max_length=200, description="Name, phone, e-mail or notes", examples=["perez quote"]
    )
    status: Status | None = None
    channel: Channel | None = None
    contact_id: Id | None = Field(None, alias="client_id")
    assigned_to_id: Id | None = Field(None, alias="assigned_to")
    unassigned: bool | None = Field(None, description="true: the leads of nobody")
    created_from: Day | None = Field(None, description="A day of the workspace's time zone", examples=["2026-11-01"])
    created_to: Day | None = Field(None, description="The last day, included", examples=["2026-11-30"])

    def filters(self) -> queries.Filters:
        return queries.Filters(**self.model_dump())


class LeadIn(Incoming):
    read_only = frozenset({
        "id", "client_name", "client_phone", "assigned_to_name", "created_by", "contacted_at", "created_at",
        "updated_at", "client", "history",
    })  # fmt: skip

    contact_id: Id = Field(alias="client_id", examples=[1])
    channel: Channel = Field("manual", validate_default=True, examples=["web"])
    status: Status = Field("new", validate_default=True, examples=["new"])
    assigned_to_id: Id | None = Field(
        None, alias="assigned_to", description="A user; without `leads.assign` one's own at most", examples=[2]
    )
    admin_notes: OrEmpty[LongText] = Field("", examples=["Cliente interesado en servicios"])
    sales_notes: OrEmpty[LongText] = Field("", examples=["Llamar el lunes"])


class StatusIn(Incoming):
    status: Status = Field(examples=["contacted"])


class AssignmentIn(Incoming):
    assigned_to_id: Id | None = Field(alias="user_id", description="null: nobody's", examples=[2])


class Lead(Versioned):
    id: int = Field(examples=[1])
    contact_id: int | None = Field(alias="client_id", examples=[1])
    contact_name: str | None = Field(alias="client_name", examples=["Juan Pérez"])
    contact_phone: str | None = Field(alias="client_phone", examples=["+584123456789"])
    channel: Channel
    status: Status
    assigned_to_id: int | None = Field(alias="assigned_to", examples=[2])
    assigned_to_name: str | None = Field(examples=["maria"])
    admin_notes: str | None
    sales_notes: str | None
    contacted_at: datetime | None = Field(description="When it first was contacted, quoted or closed")
    created_by_id: int | None = Field(alias="created_by", examples=[1])
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        notes = {name: row[name] or None for name in ("admin_notes", "sales_notes")}
        return super().of(row | notes, contact_name=queries.name_of(row) or None, **more)


class LeadClient(Wire):
    contact_id: int = Field(alias="id", examples=[1])
    contact_name: str = Field(examples=["Juan Pérez"])
    contact_phone: str | None = Field(alias="phone", examples=["+584123456789"])
    contact_email: str | None = Field(alias="email", examples=["juan@example.com"])


class Change(Wire):
    """A change of the status or of whom the lead is assigned to; `old` is null when it came."""

    field: ChangedField = Field(examples=["status"])
    old: str | int | None = Field(examples=["new"])
    new: str | int | None = Field(examples=["contacted"])
    username: str = Field(alias="user", examples=["maria"])
    at: datetime


class LeadDetail(Lead):
    client: LeadClient | None
    history: list[Change]


class AssigneeCount(Wire):
    assigned_to_id: int | None = Field(alias="user_id", examples=[2])
    username: str | None = Field(examples=["maria"])
    count: int = Field(examples=[12])


class MonthCount(Wire):
    month: str = Field(examples=["2026-11"])
    count: int = Field(examples=[40])


class Statistics(Wire):
    total: int = Field(examples=[120])
    by_status: dict[str, int] = Field(examples=[{"new": 40, "contacted": 30}])
    by_channel: dict[str, int] = Field(examples=[{"web": 70, "whatsapp": 30}])
    by_assignee: list[AssigneeCount] = Field(description="The most first; user_id null: nobody's")
    by_month: list[MonthCount] = Field(description="Months of the workspace's time zone in which leads came")
    hours_to_first_contact: float | None = Field(description="The mean, of those who were contacted", examples=[3.5])


sources.declare(
    Source("leads.leads", "Leads", reading(FilterQuery, queries.to_export), columns(Lead, contact_name="full_name"))
)


@leads.get("")
def list_leads(request: Call, filters: Query[FilterQuery], wanted: Query[OrderedSkipQuery]) -> Array[Lead]:
    """The leads, newest first; without `leads.view_all` one's own. Needs `leads.view`.

    `skip` and `limit` choose a part, `X-Total-Count` says how many match. `q` finds names, phones, e-mail and notes
    without regard to case and accents; `ordering` takes `id`, `created_at`, `updated_at`, `status`, `channel` and
    `contacted_at`, each with an optional `-`.
    """
    found = queries.page(request.actor, filters.filters(), wanted.window_in(queries.ORDERINGS))
    return Array[Lead].of_page(found, Lead.of)


@leads.post("")
def create_lead(request: Call, lead: LeadIn) -> LeadDetail:
    """Add a lead of a client. Needs `leads.add`.

    Who sees but their own leads gets it themselves. Of others it goes to whom `assigned_to` names, to nobody if that is
    null, and if it is left out to the next in turn, where the settings share leads out so. `admin_notes` need
    `leads.admin_notes`, another `assigned_to` needs `leads.assign`. 422 if there is no such client or user.
    """
    made = actions.create(request.actor, **lead.given())
    return _detail(request.actor, queries.detail(request.actor, made.pk))


@leads.post("/export", status=202)
def export_leads(request: Call, filters: Query[FilterQuery], order: ExportOrder) -> OrderedExport:
    """Have the leads written into an Excel file (or csv, pdf) by the server, with the filters of the list.

    A link is mailed when it is there; `GET /api/exports/{id}/` says how far it is. Needs `leads.export`. 409 while too
    many exports of the caller wait.
    """
    return ordered(request, "leads.leads", filters, order)


@leads.get("/stats")
def lead_stats(request: Call) -> Statistics:
    """How the caller's leads stand: by status, channel, assignee and month, and how soon they are contacted.

    Needs `leads.view`.
    """
    found = queries.statistics(request.actor)
    wait = found.to_first_contact
    return Statistics(
        total=found.total,
        by_status=found.by_status,
        by_channel=found.by_channel,
        by_assignee=[AssigneeCount.of(each) for each in found.by_assignee],
        by_month=[MonthCount.of(each) for each in found.by_month],
        hours_to_first_contact=None if wait is None else round(wait.total_seconds() / 3600, 2),
    )


@leads.get("/{int:lead_id}")
def get_lead(request: Call, lead_id: Id) -> LeadDetail:
    """One lead with its client and its history. Needs `leads.view`. 404 for one that is somebody else's."""
    return _detail(request.actor, queries.get(request.actor, lead_id))


@leads.patch("/{int:lead_id}")
def update_lead(request: Call, lead_id: Id, lead: Partial[LeadIn]) -> LeadDetail:
    """Change the fields that are given. Needs `leads.change`.

    `admin_notes` need `leads.admin_notes`, `assigned_to` needs `leads.assign`.
    """
    actions.update(request.actor, lead_id, **lead.given())
    return _detail(request.actor, queries.detail(request.actor, lead_id))


@leads.patch("/{int:lead_id}/status")
def update_lead_status(request: Call, lead_id: Id, change: StatusIn) -> LeadDetail:
    """Say how far a lead is. Needs `leads.change`. Any status may follow any other; the history keeps them."""
    actions.set_status(request.actor, lead_id, status=change.status)
    return _detail(request.actor, queries.detail(request.actor, lead_id))


@leads.patch("/{int:lead_id}/assign")
def assign_lead(request: Call, lead_id: Id, assignment: AssignmentIn) -> LeadDetail:
    """Give a lead to a user, who is told so, or to nobody. Needs `leads.assign`. 422 if there is no such user."""
    actions.assign(request.actor, lead_id, user_id=assignment.assigned_to_id)
    return _detail(request.actor, queries.detail(request.actor, lead_id))


@leads.delete("/{int:lead_id}")
def delete_lead(request: Call, lead_id: Id) -> None:
    """Remove a lead; the audit log keeps what it was. Needs `leads.delete`."""
    actions.delete(request.actor, lead_id)


def _detail(actor: Actor, row: dict[str, Any]) -> LeadDetail:
    client = None if row["contact_id"] is None else LeadClient.of(row, contact_name=queries.name_of(row))
    return LeadDetail.of(row, client=client, history=[Change.of(each) for each in queries.history(actor, row["id"])])
