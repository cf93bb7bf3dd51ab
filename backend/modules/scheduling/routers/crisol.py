"""Scheduled reports: subscribed to, looked at, changed, ended (Crisol's own)."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Query
from pydantic import Field, StringConstraints

from backend.dialects.crisol import crisol
from backend.dialects.pages import PageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import (
    DayOfMonth,
    FilledText,
    Id,
    Incoming,
    Partial,
    TimeOfDay,
    Versioned,
    Vocabulary,
    Wire,
)
from backend.modules.scheduling import actions, queries
from backend.modules.scheduling.slots import Every

reports = Resource(crisol, "/scheduled-reports", tag="Scheduled reports")

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Cadence = Annotated[str, Vocabulary({"daily": Every.DAY, "weekly": Every.WEEK, "monthly": Every.MONTH})]
Weekday = Annotated[int, Vocabulary({name: number for number, name in enumerate(DAYS)})]
ReportName = Annotated[FilledText, StringConstraints(max_length=50)]
ZoneName = Annotated[FilledText, StringConstraints(max_length=64)]


class SubscriptionIn(Incoming):
    report: ReportName = Field(description="One of `GET /api/scheduled-reports/reports/`", examples=["sales"])
    parameters: dict[str, Any] = Field(
        {}, description="The report's own; what is left out has its default", examples=[{"period": "last_week"}]
    )
    every: Cadence = Field(alias="cadence", examples=["weekly"])
    weekday: Weekday | None = Field(None, description="Of a weekly one", examples=["monday"])
    day_of_month: DayOfMonth | None = Field(
        None, alias="day", description="Of a monthly one; shorter months take their last", examples=[None]
    )
    at: TimeOfDay = Field(alias="time", description="Local time, as HH:MM")
    time_zone: ZoneName | None = Field(
        None, description="A name of the IANA's; by default the workspace's", examples=["America/Lima"]
    )
    is_active: bool = Field(True, description="false: paused", examples=[True])


class Subscription(Versioned):
    id: int
    report: str = Field(examples=["sales"])
    parameters: dict[str, Any] = Field(examples=[{"period": "last_week", "grouping": "day", "currency": None}])
    every: Cadence = Field(alias="cadence", examples=["weekly"])
    weekday: Weekday | None = Field(examples=["monday"])
    day_of_month: int | None = Field(alias="day", examples=[None])
    at: TimeOfDay = Field(alias="time")
    time_zone: str = Field(examples=["America/Lima"])
    is_active: bool
    paused_reason: str = Field(description="The code of what paused it; empty where its owner did", examples=[""])
    next_slot: datetime | None = Field(description="When it is due next; null while it is paused")
    created_at: datetime


class Run(Versioned):
    id: int
    slot: datetime | None = Field(description="null: asked for beside the slots")
    as_of: datetime = Field(description="The moment whose days the periods are")
    skipped: int = Field(description="Older slots that passed while the server was down", examples=[0])
    status: str = Field(description="waiting, running, done or failed", examples=["done"])
    attempts: int = Field(examples=[1])
    last_error: str = Field(description="The code of the last error, if any", examples=[""])
    created_at: datetime
    finished_at: datetime | None


class Title(Wire):
    es: str = Field(examples=["Ventas"])
    en: str = Field(examples=["Sales"])


class Parameter(Wire):
    """`default` null: it may be left out. A `stage` is one by its key or name."""

    name: str = Field(examples=["period"])
    kind: str = Field(description="choice, integer or stage", examples=["choice"])
    default: str | int | None = Field(examples=["last_30_days"])
    choices: list[str] = Field(examples=[["last_week", "last_month"]])
    least: int | None = Field(alias="minimum")
    most: int | None = Field(alias="maximum")


class Report(Wire):
    name: str = Field(examples=["sales"])
    title: Title
    parameters: list[Parameter]


class Reports(Wire):
    results: list[Report]


@reports.get("/reports/")
def list_reports(request: Call) -> Reports:
    """The reports that can be subscribed to, with their parameters. Needs a login alone."""
    return Reports(results=[Report.of_object(each) for each in queries.reports(request.actor)])


@reports.get("/")
def list_subscriptions(request: Call, wanted: Query[PageQuery]) -> ResultsPage[Subscription]:
    """The caller's own scheduled reports, the newest first. Needs a login alone."""
    return ResultsPage[Subscription].of_page(request, queries.page(request.actor, wanted.window()))


@reports.post("/")
def subscribe(request: Call, subscription: SubscriptionIn) -> Subscription:
    """Have a report mailed to the caller each day, week or month, with a PDF and a CSV. Needs `reports.view`.

    It is made under the rights that the caller has then. A local time that a day does not have is the first moment
    after the gap, one that comes twice is the first. 400 names the field; 409 for somebody who has 50 already.
    """
    made = actions.create(request.actor, **subscription.model_dump())
    return Subscription.of(queries.get(request.actor, made.pk))


@reports.get("/{int:subscription_id}/")
def get_subscription(request: Call, subscription_id: Id) -> Subscription:
    """One of the caller's scheduled reports. Needs a login alone; others' are a 404."""
    return Subscription.of(queries.get(request.actor, subscription_id))


@reports.patch("/{int:subscription_id}/")
def change_subscription(request: Call, subscription_id: Id, change: Partial[SubscriptionIn]) -> Subscription:
    """Change the given fields, pause it, or go on. Needs a login alone.

    `reports.view` as well to change the report or its parameters, and to go on. A new timing counts from now on; slots
    that passed during a pause are not made up for.
    """
    actions.update(request.actor, subscription_id, **change.given())
    return Subscription.of(queries.get(request.actor, subscription_id))


@reports.delete("/{int:subscription_id}/")
def unsubscribe(request: Call, subscription_id: Id) -> None:
    """End a scheduled report, with its history. Needs a login alone."""
    actions.delete(request.actor, subscription_id)


@reports.get("/{int:subscription_id}/runs/")
def list_runs(request: Call, subscription_id: Id, wanted: Query[PageQuery]) -> ResultsPage[Run]:
    """What became of each slot, the newest first. Needs a login alone."""
    return ResultsPage[Run].of_page(request, queries.runs(request.actor, subscription_id, wanted.window()))


@reports.post("/{int:subscription_id}/run/", status=202)
def run_now(request: Call, subscription_id: Id) -> Run:
    """Have the report made and mailed once more, now. Needs a login alone, and its rights when it is made.

    409 while another run that was asked for so has not ended.
    """
    ordered = actions.order_run(request.actor, subscription_id)
    return Run.of(queries.run(request.actor, ordered.pk))
